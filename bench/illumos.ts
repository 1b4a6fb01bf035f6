/**
 * A group of a made-up illumos system under disturbances: what its own kstat counted, what we said of it, and what a sum over the kstats of its links
 * makes of it. docs/ACCURACY.md says what is measured and how.
 *
 *   npm run bench -- illumos [ROW]... [--markdown]
 */

import { parseArgs } from "node:util";
import { bytesOf, COUNT_NAMES, minus } from "./accuracy/counts.ts";
import { verdict } from "./accuracy/outcome.ts";
import { digits, signed, table, writeBetween } from "./accuracy/report.ts";
import type { IllumosRow, Played } from "./illumos/row.ts";
import { ILLUMOS_ROWS } from "./illumos/rows.ts";
import { alone } from "./support/alone.ts";

const MARKER = "illumos: written by `npm run bench -- illumos --markdown`";

/** @throws Error when a row does not exist */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { markdown: { type: "boolean", default: false } },
  });
  const unknown = positionals.find((name) => !ILLUMOS_ROWS.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}"; there are: ${ILLUMOS_ROWS.map(({ name }) => name).join(", ")}`);
  const results: { readonly row: IllumosRow; readonly played: Played }[] = [];
  for (const row of ILLUMOS_ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const played = await alone(row.play);
    results.push({ row, played });
    console.log(`${row.name}: ${verdict(played)}`);
    for (const fault of played.faults.slice(0, 5)) console.log(`    FAULT: ${fault}`);
  }
  const overview = results.map(({ row, played: { carried, said, bound, ofLinks } }) => [
    `\`${row.name}\` ${row.title}`,
    digits(bytesOf(carried)),
    `**${signed(bytesOf(minus(said, carried)))}**${bound ? `, at most −${digits(bytesOf(bound))}` : ""}`,
    signed(bytesOf(minus(ofLinks, carried))),
  ]);
  const every = results.flatMap(({ row, played: { carried, said, ofLinks } }) =>
    COUNT_NAMES.map((name) => [
      `\`${row.name}\``,
      name.replace("_", " "),
      ...[carried, said, ofLinks].map((counted) => digits(counted[name])),
    ]),
  );
  const text = [
    table(["disturbance", "the system's own kstat, bytes", "**ipmp-exporter**", "Σ kstats of the links"], overview),
    ...results.flatMap(({ row: { name, explanation } }) =>
      explanation === undefined ? [] : [`\`${name}\`: ${explanation}.`],
    ),
    "### Every number of a group of illumos",
    table(["disturbance", "count", "the system's own kstat", "ipmp-exporter", "Σ kstats of the links"], every),
  ].join("\n\n");
  console.log(text);
  const isWrong = results.some(({ played }) => verdict(played) === "wrong");
  if (isWrong) process.exitCode = 1;
  else if (values.markdown) writeBetween(MARKER, text);
}
