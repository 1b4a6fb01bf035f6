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
  ["scrape", "--links=4", "--group-size=2", "--warm-up=30,300", "--scrapes=100"],
  ["scrape", "--links=4", "--group-size=2", "--apart-ms=0", "--warm-up=30,5000,3000", "--scrapes=1000"],
  ["scrape", "--links=1000", "--warm-up=30,100", "--scrapes=60"],
  ["links"],
  ["loop-delay"],
  ["resident", "--minutes=0.5", "--more-minutes=0.5"],
  ["start", "--starts=6"],
  ["probes", "--cuts=0", "--warm-up=60"],
  ["devices", "--seconds=45"],
  ["idle"],
  ["far-end"],
  ["page"],
  ["snmp", "--links=1000", "--rounds=3"],
  ["formats"],
  ["flap"],
  ["install-size"],
];

/** One that fails does not keep the others from running; the exit code then says so. */
export function run(): void {
  for (const command of COMMANDS) {
    console.log(`\n## npm run bench -- ${command.join(" ")}\n`);
    const { status } = spawnSync(process.execPath, [root("scripts", "bench.js"), ...command], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
}
