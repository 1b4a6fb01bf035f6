/** A process with the bench's watch over its files is killed at the step of a save that it is told, and at none without. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, test } from "node:test";
import type { SaveStep } from "../../bench/accuracy/die-in-save.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";

const PRELOAD = pathToFileURL(root(".test-build", "bench", "accuracy", "die-in-save.js")).href;
const STATE_FILE = pathToFileURL(root("dist", "state", "state-file.js")).href;
const STATES = pathToFileURL(root(".test-build", "test", "state", "saved.js")).href;

/** Saves three records, each with two readings after it. */
const SAVES = `
import { StateFile } from ${JSON.stringify(STATE_FILE)};
import { smallState } from ${JSON.stringify(STATES)};
const file = new StateFile(process.argv[1]);
const [group] = smallState.groups;
for (let n = 0; n < 3; n++) {
  file.save({ ...smallState, groups: [{ ...group, failovers: BigInt(n) }] });
  for (let reading = 0; reading < 2; reading++) {
    group.members[0].reading.counters[0]++;
    group.members[0].reading.changes = 1 + 2 * n + reading;
    file.keepReadings();
  }
}`;

function save(folder: string, step: string) {
  const env = { ...process.env, IPMP_DIE_IN_SAVE: step };
  const args = ["--import", PRELOAD, "--input-type=module", "-e", SAVES, join(folder, "state.json")];
  return spawnSync(process.execPath, args, { env, encoding: "utf8" });
}

/** One of each call. */
const STEPS: readonly SaveStep[] = [
  ...(["before open", "amid write", "after fsync", "before rename to previous"] as const),
  ...(["after rename to record", "after rename to readings", "amid slot"] as const),
];

describe("a program that is watched while it saves", () => {
  for (const step of STEPS) {
    test(`is killed ${step}`, (t) => {
      const { signal, stderr } = save(scratch(t), `${step}:2`);
      assert.equal(signal, "SIGKILL", stderr);
    });
  }

  test("lives on where no step is told", (t) => {
    const { status, stderr } = save(scratch(t), "");
    assert.equal(status, 0, stderr);
  });
});
