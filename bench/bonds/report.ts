/** Outcomes of bonds for people: as tables of docs/ACCURACY.md. */

import { bytesOf, COUNT_NAMES, type Counts, counts, minus } from "../accuracy/counts.ts";
import { atMost, digits, signed, table } from "../accuracy/report.ts";
import { type BondOutcome, RIVAL_COLUMNS } from "./row.ts";

/** Counts are decimal texts in JSON. */
export function fromText({ carried, said, rivals, bound, ...read }: BondOutcome): BondOutcome {
  const bigints = (texts: Counts): Counts => counts((name) => BigInt(texts[name]));
  return {
    ...read,
    carried: bigints(carried),
    said: bigints(said),
    rivals: rivals.map(bigints),
    ...(bound ? { bound: bigints(bound) } : {}),
  };
}

function explained({ name, explanation, bound }: BondOutcome): string[] {
  if (explanation === undefined || !bound) return [];
  return [`### ${name}\n\n${explanation} ${atMost(bound)}`];
}

export function tables(outcomes: readonly BondOutcome[], release: string): string {
  const overview = outcomes.map(({ name, title, explanation, carried, said, rivals }) => [
    `\`${name}\` ${title}`,
    digits(bytesOf(carried)),
    `**${signed(bytesOf(minus(said, carried)))}**${explanation === undefined ? "" : ` [why](#${name})`}`,
    ...rivals.map((numbers) => signed(bytesOf(minus(numbers, carried)))),
  ]);
  const every = outcomes.flatMap(({ name, carried, said, rivals }) =>
    COUNT_NAMES.map((count) => [
      `\`${name}\``,
      count.replace("_", " "),
      ...[carried, said, ...rivals].map((numbers) => digits(numbers[count])),
    ]),
  );
  return [
    `Linux ${release} in qemu; everybody is asked about once a second.`,
    table(["disturbance", "the bond's own counter, bytes", "**ipmp-exporter**", ...RIVAL_COLUMNS], overview),
    ...outcomes.flatMap(explained),
    "### Every number of bonds",
    table(["disturbance", "count", "the bond's own", "ipmp-exporter", ...RIVAL_COLUMNS], every),
  ].join("\n\n");
}
