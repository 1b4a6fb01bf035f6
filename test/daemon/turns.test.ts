/** A snapshot of many systems is made in turns: what comes in between, the polls of others and links that go, neither waits nor spoils it. */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { valueOf } from "#src/kstat/kstat.js";
import { NET_INDEX } from "#src/kstat/net.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { StateFile } from "#src/state/state-file.js";
import { readingsOf } from "#src/state/saved-state.js";
import { Disk } from "../simulation/disk.ts";
import { aLink, FAKE_SCHEMA, FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";
import { PolledSystem } from "./polled-system.ts";

/** Milliseconds: longer than a turn. */
const LONG_MS = 7;

/** Four switches with a group each; `slow` makes every look at the clock so slow that each step is a turn. */
function world() {
  const systems = ["sw1", "sw2", "sw3", "sw4"].map((name) => new PolledSystem(name));
  for (const { behind } of systems) for (const name of ["eth0", "eth1"]) behind.add(name);
  const disk = new Disk();
  const clock = { isSlow: false, at: 0n };
  const now = () => {
    const until = performance.now() + (clock.isSlow ? LONG_MS : 0);
    while (performance.now() < until);
    clock.at += 1_000n;
    return hrtime(clock.at);
  };
  const stateFile = new StateFile("/state.json", disk);
  const core = new Core({
    sources: systems,
    clock: { now, wallMs: () => 0 },
    events: new EventLog(),
    configuration: configuration({
      groups: systems.map(({ name }) => ({
        name: `of-${name}`,
        members: ["eth0", "eth1"].map((device) => ({ kind: "device", device, source: name, standby: false }) as const),
      })),
    }),
    stateFile,
    loaded: stateFile.load(new Date(0)),
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  for (const system of systems) system.poll();
  return { systems, core, disk, clock };
}

const BYTES = "rbytes64";

/** Its groups add up, and its members' links are among its links and say the same. */
function assertWhole({ groups, links }: Snapshot): void {
  const slot = NET_INDEX[BYTES];
  for (const { name, total, departed, members } of groups) {
    const shares = members.reduce((sum, { share }) => sum + (share[slot] ?? 0n), 0n);
    assert.equal(total[slot], (departed[slot] ?? 0n) + shares, name);
    for (const { link, current } of members) {
      assert.ok(links.includes(link), `${name}: ${link.attributes.name}`);
      assert.equal(current[slot], valueOf(link.kstat, BYTES));
    }
  }
}

test("polls that end while a snapshot is made are in it or not, each whole, and are saved before it is shown", async () => {
  const { systems, core, disk, clock } = world();
  let polls = 0;
  clock.isSlow = true;
  const made = core.snapshots.fresh();
  let isMade = false;
  void made.then(() => {
    isMade = true;
  });
  while (!isMade) {
    for (const system of systems) {
      system.behind.carry(1, 100n);
      system.behind.carry(2, 1n);
      system.poll();
    }
    polls++;
    await setImmediate();
  }
  clock.isSlow = false;
  const snapshot = await made;
  assert.ok(polls > 2, `${polls} turns of others`);
  assert.deepEqual(
    snapshot.groups.map(({ name }) => name),
    ["of-sw1", "of-sw2", "of-sw3", "of-sw4"],
  );
  assertWhole(snapshot);
  const saved = new StateFile("/state.json", disk).load(new Date(0));
  assert.ok(saved.kind === "state");
  const savedBytes = readingsOf(saved.state).reduce(
    (sum, { counters }) => sum + (counters[NET_INDEX.rbytes64] ?? 0n),
    0n,
  );
  const shownBytes = snapshot.groups.reduce((sum, { total }) => sum + (total[NET_INDEX.rbytes64] ?? 0n), 0n);
  assert.ok(shownBytes > 0n && savedBytes >= shownBytes, `${shownBytes} shown, ${savedBytes} saved`);
});

test("links that go while a snapshot is made are in none of it, or in all", async () => {
  const { systems, core, clock } = world();
  clock.isSlow = true;
  const made = core.snapshots.fresh();
  await setImmediate();
  await setImmediate();
  for (const system of systems) {
    system.behind.delete(2);
    system.poll();
  }
  const snapshot = await made;
  clock.isSlow = false;
  assertWhole(snapshot);
  assert.equal(snapshot.groups.length, 4);
  const members = snapshot.groups.map((group) => group.members.length);
  assert.ok(
    members.every((count) => count === members[0]),
    members.join(", "),
  );
  assert.deepEqual(
    core.snapshots.within(1_000_000_000_000n).groups.map((group) => group.members.length),
    [1, 1, 1, 1],
    "who asks after it is shown what is there",
  );
});

/** One host with groups of two links; `clock.isSlow` makes each group a turn. */
function host() {
  const system = new FakeSystem();
  const clock = { isSlow: false, at: 0n };
  const now = () => {
    clock.at += 1_000n;
    return hrtime(clock.at);
  };
  const names = Array.from({ length: 8 }, (_, n) => `eth${n}`);
  const groups = [0, 2, 4, 6].map((n) => ({
    name: `g${n}`,
    members: names
      .slice(n, n + 2)
      .map((device) => ({ kind: "device", device, source: "local", standby: false }) as const),
  }));
  const core = new Core({
    sources: [system],
    clock: { now, wallMs: () => 0 },
    events: new EventLog(),
    configuration: configuration({ groups }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  for (const name of names) {
    const ifindex = system.add(name);
    const link = Object.defineProperty(aLink(name, ifindex), "mtu", {
      get() {
        const until = performance.now() + (clock.isSlow ? LONG_MS : 0);
        while (performance.now() < until);
        return 1500;
      },
    });
    system.tell({ kind: "link", link, counters: undefined });
  }
  const carry = (bytes: bigint) => {
    for (const n of names.keys()) system.carry(n + 1, bytes);
  };
  return { system, core, clock, carry };
}

test("links of one system are of one instant, whatever is read while a snapshot of them is made", async () => {
  const { core, clock, carry } = host();
  carry(100n);
  clock.isSlow = true;
  const making = core.snapshots.fresh();
  await setImmediate();
  await setImmediate();
  carry(1n);
  core.checkpoint();
  const snapshot = await making;
  clock.isSlow = false;
  assertWhole(snapshot);
  const slot = FAKE_SCHEMA.indexOf(BYTES) ?? -1;
  assert.deepEqual(new Set(snapshot.links.map(({ kstat }) => kstat.values[slot])), new Set([101n]));
});

test("who cannot wait has the snapshot that is being made, and no counters are read for it", async () => {
  const { core, clock } = host();
  clock.isSlow = true;
  const making = core.snapshots.fresh();
  await setImmediate();
  await setImmediate();
  const snapshot = core.snapshots.within(1_000_000_000n);
  clock.isSlow = false;
  assert.equal(await making, snapshot);
  assertWhole(snapshot);
  assert.equal(core.snapshots.within(1_000_000_000n), snapshot);
});

test("who walks has the last snapshot while the next is made; who asks now and then has none that is too old", async () => {
  const { core, clock, carry } = host();
  const second = 1_000_000_000n;
  const first = await core.snapshots.fresh();
  carry(1n);
  clock.at += second - 100_000_000n;
  assert.equal(core.snapshots.within(second), first);
  clock.at += 200_000_000n;
  assert.equal(core.snapshots.within(second), first);
  assert.equal(core.snapshots.within(second), first);
  await setImmediate();
  await setImmediate();
  const next = core.snapshots.within(second);
  assert.ok(next.countersAt - first.countersAt < second + 200_000_000n, "read when it was first asked for");
  assertWhole(next);
  clock.at += second + 100_000_000n;
  assert.notEqual(core.snapshots.within(second), next, "nobody has asked for a second");
});

test("who walks is not shown a state that is over", async () => {
  const { system, core, clock } = host();
  await core.snapshots.fresh();
  clock.at += 900_000_000n;
  core.snapshots.within(1_000_000_000n);
  clock.at += 200_000_000n;
  clock.isSlow = true;
  const making = core.snapshots.fresh();
  await setImmediate();
  await setImmediate();
  system.setRunning(1, false);
  const after = core.snapshots.within(1_000_000_000n);
  clock.isSlow = false;
  assert.equal(after.groups[0]?.state, "degraded");
  assert.equal((await making).groups[0]?.state, "degraded");
});
