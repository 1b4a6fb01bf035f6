/** What is saved on a schedule: the counters of now, and with them whatever else has changed. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { Audit } from "#src/daemon/groups/audit.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { readingsOf } from "#src/state/saved-state.js";
import { StateFile } from "#src/state/state-file.js";
import { Disk } from "../simulation/disk.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";

const SECOND = 1_000_000_000n;

class CountedSystem extends FakeSystem {
  reads = 0;

  override readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    this.reads++;
    super.readCounters(visit);
  }
}

/** A host with a group of two links. */
function world() {
  const system = new CountedSystem();
  const carrying = system.add("eth0");
  system.add("eth1");
  const disk = new Disk();
  const stateFile = new StateFile("/state.json", disk);
  const clock = { at: 0n };
  const core = new Core({
    sources: [system],
    clock: { now: () => hrtime(clock.at), wallMs: () => 0 },
    events: new EventLog(),
    configuration: configuration({
      groups: [
        {
          name: "wan",
          members: ["eth0", "eth1"].map((device) => ({ kind: "device", device, standby: false }) as const),
        },
      ],
    }),
    stateFile,
    loaded: stateFile.load(new Date(0)),
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  const savedBytes = () => {
    const saved = new StateFile("/state.json", disk).load(new Date(0));
    assert.ok(saved.kind === "state");
    return readingsOf(saved.state).reduce((sum, { counters }) => sum + (counters[NET_INDEX.rbytes64] ?? 0n), 0n);
  };
  return { system, carrying, disk, clock, core, savedBytes };
}

describe("while the state cannot be saved", () => {
  test("collections try once in a second, and a checkpoint at once", () => {
    const { system, carrying, disk, clock, core, savedBytes } = world();
    const collect = () => {
      system.carry(carrying, 100n);
      const before = disk.calls;
      const { state } = core.snapshots.within(-1n);
      return { calls: disk.calls - before, saved: state?.saved, failures: state?.failures };
    };
    collect();
    disk.isReadOnly = true;
    system.setRunning(carrying, false);
    clock.at += SECOND;
    const { calls, saved, failures } = collect();
    assert.ok(calls > 0 && saved === false && failures !== undefined);
    for (let n = 0; n < 10; n++) {
      clock.at += SECOND / 20n;
      assert.deepEqual(collect(), { calls: 0, saved, failures });
    }
    clock.at += SECOND;
    assert.ok(collect().calls > 0);
    disk.isReadOnly = false;
    assert.deepEqual([collect().calls, collect().saved], [0, false]);
    core.checkpoint();
    assert.equal(collect().saved, true);
    assert.equal(savedBytes(), 1600n);
  });
});

describe("a checkpoint on the schedule", () => {
  test("saves the counters of now and checks the sums", async (t) => {
    const { system, carrying, core, savedBytes } = world();
    const { mock } = t.mock.method(Audit.prototype, "steps");
    system.carry(carrying, 100n);
    await core.sharedCheckpoint();
    assert.deepEqual([savedBytes(), mock.callCount()], [100n, 1]);
  });

  test("has one reading together with whoever asks in the same second, and reads anew after it", async () => {
    const { system, carrying, clock, core, savedBytes } = world();
    const before = system.reads;
    await Promise.all([core.sharedCheckpoint(), core.snapshots.fresh(SECOND)]);
    assert.equal(system.reads, before + 1);
    system.carry(carrying, 100n);
    await core.sharedCheckpoint();
    assert.deepEqual([system.reads, savedBytes()], [before + 1, 0n]);
    clock.at += 2n * SECOND;
    await core.sharedCheckpoint();
    assert.deepEqual([system.reads, savedBytes()], [before + 2, 100n]);
  });
});
