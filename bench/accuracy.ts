/**
 * Disturbances of links, of the program and of its state on real links under traffic: what the members carried, what we said of it,
 * and what node_exporter and snmpd, summed over the members, make of it.
 *
 * Needs root, iproute2 with rtmon, and for the comparison Debian's prometheus-node-exporter and snmpd with snmp. docs/ACCURACY.md
 * says what is measured and how.
 *
 *   npm run bench -- accuracy [ROW]... [--kills=10] [--no-rivals] [--markdown]
 */

import { parseArgs } from "node:util";
import { NO_NETNS } from "../test/support/netns.ts";
import { chosenRows } from "./accuracy/chosen-rows.ts";
import { hasRtmon } from "./accuracy/link-records.ts";
import { printResult, printSummary, type Result, writeMarkdown } from "./accuracy/report.ts";
import type { Row, RowOptions } from "./accuracy/row.ts";
import { ROWS } from "./accuracy/rows.ts";
import { alone } from "./support/alone.ts";

/** @throws Error when a row does not exist, or without what is needed */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kills: { type: "string", default: "10" },
      "no-rivals": { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
    },
  });
  if (NO_NETNS) throw new Error(NO_NETNS);
  if (!hasRtmon()) throw new Error("Cannot find rtmon(8) of iproute2: it tells what the kernel counted");
  const options: RowOptions = { rivals: !values["no-rivals"], kills: Number(values.kills) };
  const results: Result[] = [];
  for (const row of chosenRows(ROWS, positionals)) {
    process.stdout.write(`${row.name}: ${row.title} … `);
    const result = await play(row, options);
    results.push(result);
    printResult(result);
  }
  printSummary(results);
  if (values.markdown) writeMarkdown(results);
}

async function play(row: Row, options: RowOptions): Promise<Result> {
  const began = performance.now();
  try {
    const outcome = await alone((hooks) => row.run(hooks, options));
    return { row, outcome, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    return { row, error: error instanceof Error ? error.message : String(error), seconds: 0 };
  }
}
