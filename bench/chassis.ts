/**
 * A group over two devices under disturbances: what their links counted, what we said of the group, and what sums over the series of
 * prometheus-snmp-exporter make of it.
 *
 * Needs root, iproute2, Debian's snmpd with snmp, prometheus-snmp-exporter and curl. docs/ACCURACY.md says what is measured and how.
 *
 *   npm run bench -- chassis [ROW]... [--markdown]
 */

import { parseArgs } from "node:util";
import { NO_NETNS } from "../test/support/netns.ts";
import { verdict } from "./accuracy/outcome.ts";
import { writeBetween } from "./accuracy/report.ts";
import { type Result, tables } from "./chassis/report.ts";
import { CHASSIS_ROWS } from "./chassis/rows.ts";
import { alone } from "./support/alone.ts";

const MARKER = "chassis: written by `npm run bench -- chassis --markdown`";

/** @throws Error when a row does not exist, or without what is needed */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { markdown: { type: "boolean", default: false } },
  });
  if (NO_NETNS) throw new Error(NO_NETNS);
  const unknown = positionals.find((name) => !CHASSIS_ROWS.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}"; there are: ${CHASSIS_ROWS.map(({ name }) => name).join(", ")}`);
  const results: Result[] = [];
  for (const row of CHASSIS_ROWS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const played = await alone(row.play);
    results.push({ row, played });
    console.log(`${row.name}: ${verdict(played)}, ${played.rivalSamples} samples of snmp_exporter`);
    for (const fault of played.faults.slice(0, 5)) console.log(`    FAULT: ${fault}`);
  }
  const text = tables(results);
  console.log(text);
  const isWrong = results.some(({ played }) => verdict(played) === "wrong");
  if (isWrong) process.exitCode = 1;
  else if (values.markdown) writeBetween(MARKER, text);
}
