/** Whether a device has run on, by what its clocks say. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { continuity, type Uptime } from "#src/sources/snmp/uptime.js";

const SECOND = 100;
const TOP = 4_294_967_296;
const HOUR = 3_600;

/** `agent`, `host`: in seconds; `at`: when it said so, in seconds. */
function uptime(agent: number, at: number, host?: number): Uptime {
  const ticks = (seconds: number) => Math.round(seconds * SECOND) % TOP;
  return { agent: ticks(agent), host: host === undefined ? undefined : ticks(host), at: BigInt(Math.round(at * 1e9)) };
}
const DAYS_TO_TOP = TOP / SECOND;

const ROWS: readonly (readonly [what: string, before: Uptime, now: Uptime, expected: string])[] = [
  ["half a minute later", uptime(1_000, 0), uptime(1_030, 30), "on"],
  ["half a minute later, on a clock that is 4 % slow", uptime(1_000, 0), uptime(1_028.8, 30), "on"],
  ["started anew in between", uptime(1_000, 0), uptime(5, 30), "reboot"],
  ["started anew soon after it was started", uptime(3, 0), uptime(1, 4), "reboot"],
  ["started anew, and up for longer by now than it had been", uptime(10, 0), uptime(300, HOUR), "reboot"],
  ["paused for a minute, and started long ago", uptime(100_000, 0), uptime(100_030, 90), "on"],
  ["over the top", uptime(DAYS_TO_TOP - 10, 0), uptime(20, 30), "on"],
  ["started anew a minute before the top", uptime(DAYS_TO_TOP - 60, 0), uptime(5, 30), "reboot"],
  ["set back by a second between two requests", uptime(100_000, 0), uptime(99_999.1, 0.1), "on"],
  ["set back by a second when it might have been started anew", uptime(2, 0), uptime(1.1, 0.1), "reboot"],
  ["over the top twice while the program was stopped", uptime(100, 0), uptime(150, 2 * DAYS_TO_TOP + 50), "on"],
  ["its agent started anew, and it ran on", uptime(1_000, 0, 9_000), uptime(5, 30, 9_030), "restart"],
  ["both started anew", uptime(1_000, 0, 9_000), uptime(5, 30, 7), "reboot"],
  ["its agent started anew, and it no longer tells its own uptime", uptime(1_000, 0, 9_000), uptime(5, 30), "reboot"],
];

for (const [what, before, now, expected] of ROWS) {
  test(`${what}: ${expected}`, () => {
    assert.equal(continuity(before, now), expected);
  });
}
