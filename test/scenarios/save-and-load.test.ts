/** A story cut short anywhere and taken up again by another run is the same story: saving and loading change nothing. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import { DaemonStage } from "./daemon/stage.ts";
import { DAEMON_VERBS } from "./daemon/verbs.ts";
import { perform } from "./story.ts";

const BEGINNING = [
  "link net0",
  "link net1 mtu=9000",
  "link net2",
  "link net3",
  "group ipmp0 net0 net1 net2(standby) addresses=192.0.2.10,192.0.2.11",
  "group other /^net3/ min_active=2",
  "start",
];

const device = fc.constantFrom("net0", "net1", "net2", "net3");

/** What can befall a host again and again. */
const command = fc.oneof(
  fc.tuple(device, fc.integer({ min: 1, max: 5_000 })).map(([name, bytes]) => `carry ${name} ${bytes}`),
  fc
    .tuple(device, fc.constantFrom("down", "up", "disabled", "enabled", "restarted"))
    .map((words) => `link ${words.join(" ")}`),
  device.map((name) => `link ${name} mtu 1400`),
  device.map((name) => `offline ${name}`),
  device.map((name) => `online ${name}`),
  fc.integer({ min: 1, max: 100 }).map((seconds) => `wait ${seconds}`),
  fc.constantFrom("reload", "audit", "stop\nstart"),
);

/** What of a group outlives the program. Where addresses are bound, and who is nominated, is decided anew. */
function lasting({
  state,
  stateTime: _,
  castDevice: __,
  addresses,
  rebinds: ___,
  castChanges: ____,
  failoverDurations: _____,
  kstat,
  members,
  ...rest
}: GroupSnapshot) {
  return {
    state,
    ...rest,
    kstat: kstat && { id: kstat.id, crtime: kstat.crtime, values: kstat.values },
    addresses: addresses?.map(({ address, up }) => ({ address, up })),
    members: members.map(
      ({
        device: name,
        state: its,
        flags,
        reason,
        failures,
        repairs,
        joinedAt,
        baseline,
        current,
        share,
        standby,
      }) => ({
        name,
        its,
        flags,
        reason,
        failures,
        repairs,
        joinedAt,
        baseline,
        current,
        share,
        standby,
      }),
    ),
  };
}

function play(stage: DaemonStage, commands: readonly string[]): void {
  perform(stage, DAEMON_VERBS, { line: 1, commands: commands.flatMap((each) => each.split("\n")), expected: [] });
}

describe("saving and loading", () => {
  test("change nothing of what has been shown, whatever happened before", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (history) => {
        const stage = new DaemonStage();
        play(stage, [...BEGINNING, ...history]);
        const before = stage.snapshot();
        stage.stop();
        stage.start();
        const after = stage.snapshot();
        assert.deepEqual(after.groups.map(lasting), before.groups.map(lasting));
        for (const [place, { stateTime }] of after.groups.entries()) {
          for (const [state, spent] of Object.entries(before.groups[place]?.stateTime ?? {})) {
            assert.ok(stateTime[state as keyof typeof stateTime] >= spent, "time in a state never runs back"); // the keys of the same record
          }
        }
        assert.deepEqual(stage.core.audit(), []);
      }),
      { numRuns: 200 },
    );
  });
});
