/**
 * Bonds under disturbances on Debian's kernel in a virtual machine: what the kernel counted for the bond, what we said of its group, and
 * what node_exporter and snmpd say of the bond and of its slaves.
 *
 * Needs what the tests with a virtual machine need (scripts/install-test-tools), prometheus-node-exporter, and snmpd with snmp.
 *
 *   npm run bench -- bonds [ROW]... [--markdown]
 */

import { parseArgs } from "node:util";
import { findKernel } from "../test/vm/kernel.ts";
import { runInMachine } from "../test/vm/machine.ts";
import { VERDICTS, verdict } from "./accuracy/outcome.ts";
import { writeBetween } from "./accuracy/report.ts";
import { fromText, tables } from "./bonds/report.ts";

const LIMIT_MS = 1_800_000;
const GUEST = ".test-build/bench/bonds/guest.js";
const MARKER = "bonds: written by `npm run bench -- bonds --markdown`";

/** @throws Error without what is needed */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { markdown: { type: "boolean", default: false } },
  });
  const kernel = findKernel();
  const programs = ["prometheus-node-exporter", "snmpd", "snmpset"];
  const { report, console: said } = await runInMachine(kernel, [GUEST, ...positionals], LIMIT_MS, programs);
  const outcomes = report.map((line) => fromText(JSON.parse(line)));
  if (outcomes.length === 0) throw new Error(`The machine reported nothing:\n${said}`);
  const wrong = outcomes.filter((outcome) => verdict(outcome) === "wrong");
  const text = tables(outcomes, kernel.release);
  const count = (wanted: string) => outcomes.filter((outcome) => verdict(outcome) === wanted).length;
  console.log(`${text}\n\n${outcomes.length} rows: ${VERDICTS.map((each) => `${count(each)} ${each}`).join(", ")}`);
  if (wrong.length > 0) {
    console.log(said);
    process.exitCode = 1;
  } else if (values.markdown) writeBetween(MARKER, text);
}
