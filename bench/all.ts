/**
 * Every bench that docs/PERFORMANCE.md has figures of, one after the other.
 *
 * Each runs in a process of its own, with its command before what it prints. Needs what they need; takes about half an hour on a quiet machine.
 *
 *   npm run bench -- all
 */

import { spawnSync } from "node:child_process";
import { root } from "../test/support/root.ts";

const COMMANDS: readonly (readonly string[])[] = [
  ["scrape", "--links=4", "--group-size=2"],
  ["scrape", "--links=1000"],
  ["links"],
  ["start"],
  ["formats"],
  ["flap"],
  ["snmp"],
];

/** One that fails does not keep the others from running; the exit code then says so. */
export function run(): void {
  for (const command of COMMANDS) {
    console.log(`\n## npm run bench -- ${command.join(" ")}\n`);
    const { status } = spawnSync(process.execPath, [root("scripts", "bench.js"), ...command], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
}
