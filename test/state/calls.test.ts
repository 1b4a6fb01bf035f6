/** What a collection costs of the file system: nothing is opened, renamed or synced, and nothing written at rest. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { type FileSystem, nodeFileSystem } from "#src/state/file-system.js";
import { StateFile } from "#src/state/state-file.js";
import { configurationOf } from "../simulation/setting.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { scratch } from "../support/scratch.ts";

const COLLECTIONS = 200;

/** A running program, and how often it has called what. */
function running(t: TestContext) {
  const folder = scratch(t);
  const calls = new Map<string, number>();
  const counted = new Proxy(nodeFileSystem, {
    get(target, name: keyof FileSystem) {
      return (...args: unknown[]) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return (target[name] as (...args: unknown[]) => unknown)(...args); // whatever it takes, it was called with
      };
    },
  });
  const stateFile = new StateFile(join(folder, "state.json"), counted);
  const system = new FakeSystem();
  const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
  let now = 0n;
  const core = new Core({
    sources: [system],
    clock: { now: () => hrtime(++now), wallMs: () => 1_700_000_000_000 },
    events: new EventLog(),
    configuration: configurationOf({
      groups: [{ name: "ipmp0", ifname: "ipmp0", members: ["eth0", "eth1"] }],
      ifnames: ["ipmp0"],
      assignment: () => undefined,
      failback: true,
    }),
    stateFile,
    loaded: stateFile.load(new Date(0)),
    system: { boot: "3f1c", namespace: "net:[1]" },
  });
  core.start();
  t.after(() => core.close());
  const collect = () => assert.equal(core.snapshots.within(-1n).state?.saved, true);
  collect();
  calls.clear();
  return { system, eth0, eth1, core, collect, calls };
}

/** Calls that do more than look. */
const costly = (calls: ReadonlyMap<string, number>) =>
  Object.fromEntries([...calls].filter(([name]) => name !== "stat"));

describe(`${COLLECTIONS} collections`, () => {
  test("write once each while members carry something, and do nothing else", (t) => {
    const { system, eth0, collect, calls } = running(t);
    for (let n = 0; n < COLLECTIONS; n++) {
      system.carry(eth0, 100n);
      collect();
    }
    assert.deepEqual(costly(calls), { write: COLLECTIONS });
  });

  test("write nothing at rest", (t) => {
    const { collect, calls } = running(t);
    for (let n = 0; n < COLLECTIONS; n++) collect();
    assert.deepEqual(costly(calls), {});
  });

  test("write nothing when only links that are nobody's members carry something", (t) => {
    const { system, collect, calls } = running(t);
    const other = system.add("eth7");
    collect();
    calls.clear();
    for (let n = 0; n < COLLECTIONS; n++) {
      system.carry(other, 100n);
      collect();
    }
    assert.deepEqual(costly(calls), {});
  });

  test("with an event among them save one record", (t) => {
    const { system, eth1, collect, calls } = running(t);
    for (let n = 0; n < COLLECTIONS; n++) {
      if (n === COLLECTIONS / 2) system.setRunning(eth1, false);
      collect();
    }
    // The record is written, synced and renamed once; and then one slot.
    assert.deepEqual([calls.get("rename"), calls.get("sync"), calls.get("write")], [2, 2, 2]);
  });
});

test("a checkpoint at rest writes nothing, and one with new readings a slot", (t) => {
  const { system, eth0, core, calls } = running(t);
  core.checkpoint();
  assert.deepEqual(costly(calls), {});
  system.carry(eth0, 1n);
  core.checkpoint();
  assert.deepEqual(costly(calls), { write: 1 });
});
