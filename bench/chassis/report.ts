/** Outcomes of groups over two devices for people: as tables of docs/ACCURACY.md. */

import { bytesOf, COUNT_NAMES, minus } from "../accuracy/counts.ts";
import { explanations, type Result } from "../accuracy/play-rows.ts";
import { digits, signed, table } from "../accuracy/report.ts";
import type { ChassisPlayed } from "./row.ts";

const RIVAL_COLUMNS = ["snmp_exporter: sum(increase)", "snmp_exporter: increase(sum)"];

export function tables(results: readonly Result<ChassisPlayed>[]): string {
  const overview = results.map(({ row, played }) => {
    const { carried, said, bound, sumOfIncreases, increaseOfSum } = played;
    const limit = bound && row.explanation !== undefined ? `, at most −${digits(bytesOf(bound))}` : "";
    return [
      `\`${row.name}\` ${row.title}`,
      digits(bytesOf(carried)),
      `**${signed(bytesOf(minus(said, carried)))}**${limit}`,
      ...[sumOfIncreases, increaseOfSum].map((counted) => signed(bytesOf(minus(counted, carried)))),
    ];
  });
  const every = results.flatMap(({ row, played: { carried, said, sumOfIncreases, increaseOfSum } }) =>
    COUNT_NAMES.map((name) => [
      `\`${row.name}\``,
      name.replace("_", " "),
      ...[carried, said, sumOfIncreases, increaseOfSum].map((counted) => digits(counted[name])),
    ]),
  );
  return [
    table(["disturbance", "the devices' own counters, bytes", "**ipmp-exporter**", ...RIVAL_COLUMNS], overview),
    ...explanations(results),
    "### Every number of groups over two devices",
    table(["disturbance", "count", "the devices' own", "ipmp-exporter", ...RIVAL_COLUMNS], every),
  ].join("\n\n");
}
