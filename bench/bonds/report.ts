/** Outcomes of bonds for people: as tables of docs/ACCURACY.md. */

import { COUNT_NAMES, type Counts, counts, isSame, minus } from "../accuracy/counts.ts";
import { digits, signed, table } from "../accuracy/report.ts";
import { type BondOutcome, RIVAL_COLUMNS } from "./row.ts";

/** Whether the group says what the bond itself counted, to the unit. */
export function isExact({ carried, said }: BondOutcome): boolean {
  return isSame(carried, said);
}

/** Counts are decimal texts in JSON. */
export function fromText({ carried, said, rivals, ...read }: BondOutcome): BondOutcome {
  const bigints = (texts: Counts): Counts => counts((name) => BigInt(texts[name]));
  return {
    ...read,
    carried: bigints(carried),
    said: bigints(said),
    rivals: rivals.map(bigints),
  };
}

const bytesOf = ({ receive_bytes, transmit_bytes }: Counts): bigint => receive_bytes + transmit_bytes;

export function tables(outcomes: readonly BondOutcome[], release: string): string {
  const overview = outcomes.map(({ name, title, carried, said, rivals }) => [
    `\`${name}\` ${title}`,
    digits(bytesOf(carried)),
    `**${signed(bytesOf(minus(said, carried)))}**`,
    ...rivals.map((numbers) => signed(bytesOf(minus(numbers, carried)))),
  ]);
  const every = outcomes.flatMap(({ name, carried, said, rivals }) =>
    COUNT_NAMES.map((count) => [
      `\`${name}\``,
      count.replace("_", " "),
      ...[carried, said, ...rivals].map((numbers) => digits(numbers[count])),
    ]),
  );
  const polls = outcomes.map((outcome) => outcome.polls);
  return [
    `Linux ${release} in qemu; in each row everybody is asked ${Math.min(...polls)} to ${Math.max(...polls)} times.`,
    table(["disturbance", "the bond's own counter, bytes", "**ipmp-exporter**", ...RIVAL_COLUMNS], overview),
    "### Every number of bonds",
    table(["disturbance", "count", "the bond's own", "ipmp-exporter", ...RIVAL_COLUMNS], every),
  ].join("\n\n");
}
