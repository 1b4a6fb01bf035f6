/** How long failovers take: from the loss seen to traffic having another member, on a clock that the test moves. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";

/** A running core whose clock goes on by `perLook` nanoseconds at each look. */
function running(system: FakeSystem, members: readonly string[], perLook = 1_000n) {
  let now = 0n;
  const look = () => {
    now += perLook;
    return hrtime(now);
  };
  const clock = { now: look, wallMs: () => 1_700_000_000_000 };
  const core = new Core({
    sources: [system],
    clock,
    events: new EventLog(),
    configuration: configuration({
      groups: [
        { members: members.map((device) => ({ kind: "device", device, standby: device.startsWith("standby") })) },
      ],
    }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  const group = () => {
    const [first] = core.snapshots.states().groups;
    assert.ok(first);
    return first;
  };
  const advance = (milliseconds: number) => {
    core.tick();
    now += BigInt(milliseconds) * 1_000_000n;
  };
  return {
    advance,
    failovers: () => group().failovers,
    durations: () => group().failoverDurations,
    below: (bound: number) => group().failoverDurations.buckets.find((bucket) => bucket.bound === bound)?.count,
  };
}

describe("the duration of a failover", () => {
  test("is what the program takes, where another member is ready", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("standby0");
    const { failovers, durations, below } = running(system, ["eth0", "standby0"], 2_000_000n);
    assert.equal(durations().count, 0);
    system.setRunning(eth0, false);
    assert.equal(failovers(), 1n);
    const { count, sum, native } = durations();
    assert.equal(count, 1);
    assert.ok(sum >= 0.002 && sum < 0.1, `looks of 2 ms each: ${sum}`);
    assert.deepEqual([below(0.001), below(0.1)], [0, 1]);
    assert.equal(
      native?.buckets.reduce((total, bucket) => total + bucket.count, 0),
      1,
    );
    system.setRunning(eth0, true);
    assert.equal(durations().count, 1, "to come back is no failover");
  });

  test("is the outage, where none was ready", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const spare = system.add("standby0");
    system.setRunning(spare, false);
    const { advance, failovers, durations, below } = running(system, ["eth0", "standby0"]);
    system.setRunning(eth0, false);
    advance(3_000);
    assert.deepEqual([failovers(), durations().count], [0n, 0], "nothing has taken over yet");
    system.setRunning(spare, true);
    assert.equal(durations().count, 1);
    assert.deepEqual([below(2.5), below(5)], [0, 1]);
  });

  test("is none when the member that was lost comes back itself", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const spare = system.add("standby0");
    system.setRunning(spare, false);
    const { advance, failovers, durations } = running(system, ["eth0", "standby0"]);
    system.setRunning(eth0, false);
    advance(1_000);
    system.setRunning(eth0, true);
    system.setRunning(spare, true);
    assert.deepEqual([failovers(), durations().count], [0n, 0]);
  });

  test("counts each member that was lost and whose traffic others carry", () => {
    const system = new FakeSystem();
    const links = ["eth0", "eth1", "eth2"].map((name) => system.add(name));
    const { failovers, durations } = running(system, ["eth0", "eth1", "eth2"]);
    for (const link of links.slice(0, 2)) system.setRunning(link, false);
    assert.deepEqual([failovers(), durations().count], [2n, 2]);
  });

  test("goes with a member that leaves", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const { failovers, durations } = running(system, ["eth0", "eth1"]);
    system.delete(eth0);
    assert.deepEqual([failovers(), durations().count], [1n, 1]);
  });
});
