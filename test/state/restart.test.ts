/** What a run of the program hands to the next: counters, when they began, and nothing that is not of the same system. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { Schema } from "#src/kstat/schema.js";
import type { Source } from "#src/sources/source.js";
import { StateFile } from "#src/state/state-file.js";
import { configurationOf, type Setting } from "../simulation/setting.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { scratch } from "../support/scratch.ts";

const HERE = { boot: "3f1c", namespace: "net:[4026531840]" };
const pair: Setting["groups"] = [{ name: "ipmp0", ifname: "ipmp0", members: ["eth0", "eth1"] }];

/** Runs of the program one after another, with one state file and one clock. */
function machine(t: TestContext) {
  const folder = scratch(t);
  let now = 1_000_000_000n;
  const clock = {
    now: () => {
      now += 1_000n;
      return hrtime(now);
    },
    wallMs: () => 1_700_000_000_000,
  };
  const reboot = (at = 1_000_000_000n) => {
    now = at;
  };
  const run = (source: Source, { system = HERE, groups = pair } = {}) => {
    const stateFile = new StateFile(join(folder, "state.json"));
    const loaded = stateFile.load(new Date(0));
    assert.notEqual(loaded.kind, "unusable");
    const configuration = configurationOf({ groups, ifnames: [], assignment: () => undefined, failback: true });
    const events = new EventLog();
    const core = new Core({ sources: [source], clock, events, configuration, stateFile, loaded, system });
    core.start();
    t.after(() => core.close());
    const look = () => {
      const snapshot = core.snapshots.within(-1n);
      const group = snapshot.groups[0];
      assert.ok(group);
      const crtimeOf = (device: string) =>
        snapshot.links.find(({ attributes }) => attributes.name === device)?.kstat.crtime;
      const { departed, total } = group;
      const of = (words: BigUint64Array) => words[NET_INDEX.rbytes64];
      const resets = snapshot.resets.map(({ device, reason }) => `${device} ${reason}`);
      return { at: now, group, bytes: of(total), departed: of(departed), crtimeOf, resets, members: group.members };
    };
    return { look };
  };
  return { run, reboot };
}

describe("after a restart in the same boot", () => {
  test("counters and their beginnings go on, with what was carried meanwhile", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const first = run(system).look();
    system.carry(eth0, 100n);
    const { look } = run(system);
    system.carry(eth1, 20n);
    const second = look();
    assert.equal(second.bytes, 120n);
    assert.equal(second.group.crtime, first.group.crtime);
    assert.equal(second.group.ifindex, first.group.ifindex);
    assert.equal(second.crtimeOf("eth0"), first.crtimeOf("eth0"));
    assert.deepEqual(
      second.members.map(({ joinedAt }) => joinedAt),
      first.members.map(({ joinedAt }) => joinedAt),
    );
  });

  test("a member that went meanwhile has contributed up to its last reading, and that is said", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const before = run(system);
    system.carry(eth0, 100n);
    system.carry(eth1, 7n);
    before.look();
    system.carry(eth0, 1_000n); // nobody has seen it
    system.delete(eth0);
    const after = run(system).look();
    assert.equal(after.bytes, 107n);
    assert.equal(after.departed, 100n);
    assert.deepEqual(after.resets, ["eth0 vanished"]);
  });

  test("a member made anew under its name starts now, with a new beginning", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const before = run(system);
    system.carry(eth0, 100n);
    const first = before.look();
    system.delete(eth0);
    const again = system.add("eth0");
    system.carry(again, 5_000n);
    const { look } = run(system);
    const second = look();
    assert.equal(second.bytes, 100n);
    assert.notEqual(second.crtimeOf("eth0"), first.crtimeOf("eth0"));
    assert.equal(second.crtimeOf("eth1"), first.crtimeOf("eth1"));
    system.carry(again, 3n);
    assert.equal(look().bytes, 103n);
  });

  test("whose clock is earlier than the state, as that of a machine gone back to a snapshot, no time is to come and none is negative", (t) => {
    const { run, reboot } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    reboot(1n << 40n);
    const before = run(system);
    system.carry(eth0, 100n);
    before.look();
    reboot();
    system.setRunning(eth0, false); // the time in the state before is added up
    const { look } = run(system);
    for (const { group, members, bytes, crtimeOf, at } of [look(), run(system).look()]) {
      assert.equal(bytes, 100n);
      const began = [
        group.crtime,
        group.lastChange,
        crtimeOf("eth0") ?? at,
        ...members.map(({ joinedAt }) => joinedAt),
      ];
      assert.deepEqual(
        began.filter((time) => time > at),
        [],
      );
      assert.deepEqual(
        Object.values(group.stateTime).filter((time) => time < 0n),
        [],
      );
    }
  });

  test("a member that another configuration gives to another group leaves what it carried where it was", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const before = run(system);
    system.carry(eth0, 100n);
    before.look();
    const groups = [
      { name: "ipmp0", ifname: "ipmp0", members: ["eth1"] },
      { name: "ipmp1", ifname: "ipmp1", members: ["eth0"] },
    ];
    system.carry(eth0, 50n);
    const { look } = run(system, { groups });
    system.carry(eth0, 3n);
    const { group, bytes } = look();
    assert.deepEqual([group.name, bytes], ["ipmp0", 100n]);
  });
});

describe("totals begin again, with a new beginning,", () => {
  const carried = (t: TestContext) => {
    const { run, reboot } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const before = run(system);
    system.carry(eth0, 100n);
    const { group } = before.look();
    assert.equal(group.total[NET_INDEX.rbytes64], 100n);
    return { run, reboot, system, group };
  };

  test("after a reboot", (t) => {
    const { run, reboot, system } = carried(t);
    reboot();
    const { bytes } = run(system, { system: { ...HERE, boot: "77aa" } }).look();
    assert.equal(bytes, 0n);
  });

  test("in another network namespace", (t) => {
    const { run, system, group } = carried(t);
    const after = run(system, { system: { ...HERE, namespace: "net:[4026532000]" } }).look();
    assert.equal(after.bytes, 0n);
    assert.ok(after.group.crtime > group.crtime);
  });

  test("where the system does not tell its boot, because nobody can know whether it is the same", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const nowhere = { boot: "", namespace: "" };
    const before = run(system, { system: nowhere });
    system.carry(eth0, 100n);
    assert.equal(before.look().bytes, 100n);
    assert.equal(run(system, { system: nowhere }).look().bytes, 0n);
  });
});

describe("another source after a restart", () => {
  /** Shows only some statistics of the system. */
  function only(system: FakeSystem, names: readonly string[]): Source {
    const schema = new Schema(names.map((name) => ({ name, type: "uint64" })));
    const take = (words: BigUint64Array | undefined) =>
      words && BigUint64Array.from(names, (name) => words[system.schema.indexOf(name) ?? -1] ?? 0n);
    return {
      name: "local",
      kind: "procfs",
      schema,
      deliversEvents: false,
      open: (wake) => system.open(wake),
      drain: () =>
        system.drain().map((event) => {
          if (event.kind === "resync") {
            return { ...event, links: event.links.map(({ link, counters }) => ({ link, counters: take(counters) })) };
          }
          return event.kind === "link" || event.kind === "gone" ? { ...event, counters: take(event.counters) } : event;
        }),
      readCounters: (visit) => system.readCounters((ifindex, words) => visit(ifindex, take(words) ?? words)),
      defaultRoutes: () => system.defaultRoutes(),
      addresses: () => system.addresses(),
      close: () => system.close(),
    };
  }

  test("that knows more statistics counts the new ones from now on", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.carry(eth0, 1_000n, 50n);
    run(only(system, ["rbytes64"])).look();
    system.carry(eth0, 10n, 2n);
    const { look } = run(system);
    look();
    system.carry(eth0, 5n, 3n);
    const { bytes, group } = look();
    assert.equal(bytes, 15n);
    assert.equal(group.total[NET_INDEX.ipackets64], 3n);
  });

  test("that knows fewer keeps what was counted of the others", (t) => {
    const { run } = machine(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.carry(eth0, 1_000n, 50n);
    const before = run(system);
    system.carry(eth0, 10n, 2n);
    before.look();
    const { look } = run(only(system, ["rbytes64"]));
    system.carry(eth0, 5n, 3n);
    const { bytes, group } = look();
    assert.equal(bytes, 15n);
    assert.equal(group.total[NET_INDEX.ipackets64], 2n);
  });
});
