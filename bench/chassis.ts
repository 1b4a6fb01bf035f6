/**
 * A group over two devices under disturbances: what their links counted, what we said of the group, and what sums over the series of
 * prometheus-snmp-exporter make of it.
 *
 * Needs root, iproute2, Debian's snmpd with snmp, prometheus-snmp-exporter and curl. docs/ACCURACY.md says what is measured and how.
 *
 *   npm run bench -- chassis [ROW]... [--markdown]
 */

import { NO_NETNS } from "../test/support/netns.ts";
import { playRows } from "./accuracy/play-rows.ts";
import { tables } from "./chassis/report.ts";
import { CHASSIS_ROWS } from "./chassis/rows.ts";

/** @throws Error when a row does not exist, or without what is needed */
export async function run(args: readonly string[]): Promise<void> {
  if (NO_NETNS) throw new Error(NO_NETNS);
  await playRows(args, {
    rows: CHASSIS_ROWS,
    marker: "chassis: written by `npm run bench -- chassis --markdown`",
    tables,
    remark: ({ rivalSamples }) => `, ${rivalSamples} samples of snmp_exporter`,
  });
}
