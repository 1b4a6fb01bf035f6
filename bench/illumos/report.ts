/** Outcomes of a group of an illumos system for people: as tables of docs/ACCURACY.md. */

import { bytesOf, COUNT_NAMES, minus } from "../accuracy/counts.ts";
import { explanations, type Result } from "../accuracy/play-rows.ts";
import { digits, signed, table } from "../accuracy/report.ts";
import type { IllumosPlayed } from "./row.ts";

const LINKS_COLUMN = "Σ kstats of the links";

export function tables(results: readonly Result<IllumosPlayed>[]): string {
  const overview = results.map(({ row, played: { carried, said, bound, excess, ofLinks } }) => [
    `\`${row.name}\` ${row.title}`,
    digits(bytesOf(carried)),
    `**${signed(bytesOf(minus(said, carried)))}**${bound ? `, at most −${digits(bytesOf(bound))}` : ""}${excess ? `, at most +${digits(bytesOf(excess))}` : ""}`,
    signed(bytesOf(minus(ofLinks, carried))),
  ]);
  const every = results.flatMap(({ row, played: { carried, said, ofLinks } }) =>
    COUNT_NAMES.map((name) => [
      `\`${row.name}\``,
      name.replace("_", " "),
      ...[carried, said, ofLinks].map((counted) => digits(counted[name])),
    ]),
  );
  return [
    table(["disturbance", "the system's own kstat, bytes", "**ipmp-exporter**", LINKS_COLUMN], overview),
    ...explanations(results),
    "### Every number of a group of illumos",
    table(["disturbance", "count", "the system's own kstat", "ipmp-exporter", LINKS_COLUMN], every),
  ].join("\n\n");
}
