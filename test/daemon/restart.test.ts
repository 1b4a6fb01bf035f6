/** What a second run of the program knows of the first. */

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";
import { Core } from "#src/daemon/core.js";
import type { Restored } from "#src/daemon/links/restoration.js";
import { logRestored } from "#src/daemon/process/restored-log.js";
import { bootSnmpEngine } from "#src/daemon/process/snmp-identity.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { newEngineId } from "#src/snmp/engine-identity.js";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import { StateFile } from "#src/state/state-file.js";
import { FakeSystem } from "../support/fake-system.ts";
import { scratch } from "../support/scratch.ts";

const SYSTEM = { boot: "this boot", namespace: "net:[1]" };

function configuration(groups = [configuredGroup("ipmp0", "ipmp0", "eth0", "eth1")]): Configuration {
  const defaults = loadConfiguration(undefined);
  assert.ok(!Array.isArray(defaults));
  return { ...defaults, groups };
}

function configuredGroup(name: string, ifname: string, ...devices: readonly string[]) {
  const members = devices.map((device) => ({ kind: "device", device, standby: false }) as const);
  return { name, ifname, members, addresses: [], minActive: 1 };
}

/** Runs of one program, one after the other, on one state file. */
function runs(t: TestContext) {
  const folder = scratch(t);
  let now = 0n;
  return (system: FakeSystem, identity = SYSTEM, wanted = configuration()) => {
    const tick = () => {
      now += 1_000n;
      return hrtime(now);
    };
    const file = join(folder, "state.json");
    const stateFile = new StateFile(file);
    const events = new EventLog();
    const core = new Core({
      sources: [system],
      clock: { now: tick, wallMs: () => 1_700_000_000_000 },
      events,
      configuration: wanted,
      stateFile,
      loaded: stateFile.load(new Date(0)),
      system: identity,
    });
    core.start();
    const group = () => {
      const [found] = core.snapshots.within(0n).groups;
      assert.ok(found);
      return found;
    };
    const makeUnwritable = () => {
      rmSync(file);
      mkdirSync(join(file, "in the way"), { recursive: true });
    };
    const states = () =>
      events.since().flatMap((event) => (event.kind === "group-state" ? [[event.from, event.to]] : []));
    const left = () => events.since().filter(({ kind }) => kind === "member-left" || kind === "counter-reset");
    return { core, events, file, group, states, left, bytes: () => group().total[NET_INDEX.rbytes64], makeUnwritable };
  };
}

/** A first run with two members, of which eth0 has lost its carrier. */
function failed(t: Parameters<typeof runs>[0]) {
  const run = runs(t);
  const system = new FakeSystem();
  const eth0 = system.add("eth0");
  system.add("eth1");
  const first = run(system);
  system.setRunning(eth0, false);
  return { run, system, eth0, first };
}

describe("after a restart in the same boot", () => {
  test("traffic meanwhile counts for members that stayed", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const first = run(system);
    system.carry(eth0, 100n);
    assert.equal(first.bytes(), 100n);
    const { crtime } = first.group();
    system.carry(eth0, 20n); // the first run is gone without a word
    const second = run(system);
    assert.equal(second.bytes(), 120n);
    assert.equal(second.group().crtime, crtime);
    assert.equal(second.group().state, "ok");
  });

  test("a failure that lasts is one, with one repair, also when its member is out of service at the start", (t) => {
    const { run, system, eth0, first } = failed(t);
    first.core.setOffline("eth0", true);
    first.core.close();
    const second = run(system);
    const counts = () => {
      const [member] = second.group().members;
      return [member?.state, member?.failures["link"], member?.repairs["link"]];
    };
    assert.deepEqual(counts(), ["offline", 1n, 0n]);
    second.core.setOffline("eth0", false);
    assert.deepEqual(counts(), ["failed", 1n, 0n]);
    second.core.setOffline("eth0", true);
    system.setRunning(eth0, true);
    second.core.setOffline("eth0", false);
    assert.deepEqual(counts(), ["active", 1n, 1n]);
  });

  test("a member that went missing contributes what was last read of it, and is still promised", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const first = run(system);
    system.carry(eth1, 40n);
    assert.equal(first.bytes(), 40n);
    system.carry(eth1, 5n); // nobody can know
    system.delete(eth1);
    system.carry(eth0, 1n);
    const second = run(system);
    assert.equal(second.bytes(), 41n);
    assert.deepEqual(second.group().missing, ["eth1"]);
  });

  test("a group whose interface is called as another group goes on, whatever their order", (t) => {
    const before = [configuredGroup("g", "g", "eth0"), configuredGroup("h", "h", "eth1")];
    const crossed = [configuredGroup("h", "g", "eth0"), configuredGroup("g", "h", "eth1")];
    const chained = [configuredGroup("g", "h", "eth1"), configuredGroup("f", "g", "eth0")];
    for (const after of [crossed, crossed.toReversed(), chained, chained.toReversed()]) {
      const run = runs(t);
      const system = new FakeSystem();
      const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
      const first = run(system, SYSTEM, configuration(before));
      first.group();
      system.carry(eth0, 1n);
      system.carry(eth1, 20n);
      first.core.close();
      const second = run(system, SYSTEM, configuration(after));
      const { groups } = second.core.snapshots.within(0n);
      const bytes = Object.fromEntries(groups.map(({ name, total }) => [name, total[NET_INDEX.rbytes64]]));
      assert.deepEqual(bytes, { [after.find(({ ifname }) => ifname === "g")?.name ?? ""]: 1n, g: 20n });
      assert.ok(second.events.since().every(({ kind }) => kind !== "group-refused"));
    }
  });

  test("a link made anew under the name of a member starts now", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    run(system).bytes();
    system.delete(eth0);
    const again = system.add("eth0");
    system.carry(again, 1_000n);
    const second = run(system);
    assert.equal(second.bytes(), 0n);
    system.carry(again, 7n);
    assert.equal(second.bytes(), 7n);
  });

  test("a driver that was reset meanwhile does not pull the total down", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const first = run(system);
    system.carry(eth0, 100n);
    first.bytes();
    system.resetCounters(eth0);
    system.carry(eth0, 30n);
    const second = run(system);
    assert.equal(second.bytes(), 130n);
    assert.equal(second.core.snapshots.within(0n).resets[0]?.device, "eth0");
  });

  test("failures, failovers and time in each state go on", (t) => {
    const { run, system, first } = failed(t);
    const before = first.group();
    const after = run(system).group();
    assert.deepEqual([before.failovers, after.failovers], [1n, 1n]);
    assert.deepEqual(after.members[0]?.failures, { link: 1n });
    assert.ok(after.stateTime.degraded >= before.stateTime.degraded);
    assert.equal(after.ifindex, before.ifindex);
  });
});

describe("the repairs of a member", () => {
  const counts = ({ members }: GroupSnapshot) =>
    members.map(({ failures, repairs }) => [failures["link"], repairs["link"]]);

  test("are counted after a restart of those that failed before it", (t) => {
    const { run, system, eth0, first } = failed(t);
    assert.deepEqual(counts(first.group())[0], [1n, 0n]);
    const second = run(system);
    system.setRunning(eth0, true);
    assert.deepEqual(counts(second.group())[0], [1n, 1n]);
  });

  test("are not counted of one that had no link when it joined", (t) => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0", { running: false, operState: "down" });
    system.add("eth1");
    const { group } = runs(t)(system);
    system.setRunning(eth0, true);
    assert.deepEqual(counts(group())[0], [0n, 0n]);
  });
});

describe("without failback, after a restart", () => {
  const defaults = configuration();
  const noFailback = { ...defaults, detection: { ...defaults.detection, failback: false } };
  const states = ({ group }: ReturnType<ReturnType<typeof runs>>) =>
    group().members.map(({ state, reason }) => [state, reason]);
  const WAITS = ["inactive", "repaired, failback is off"];
  const ACTIVE = ["active", undefined];

  test("a repaired member waits as before, and comes into use for the one that is lost", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const first = run(system, SYSTEM, noFailback);
    system.setRunning(eth1, false);
    system.setRunning(eth1, true);
    assert.deepEqual(states(first), [ACTIVE, WAITS]);
    const second = run(system, SYSTEM, noFailback);
    assert.deepEqual(states(second), [ACTIVE, WAITS]);
    system.setRunning(eth0, false);
    assert.deepEqual(states(second), [["failed", "link down"], ACTIVE]);
  });

  test("a member that was repaired meanwhile waits", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1");
    const first = run(system, SYSTEM, noFailback);
    system.setRunning(eth1, false);
    assert.deepEqual(states(first), [ACTIVE, ["failed", "link down"]]);
    first.core.close();
    system.setRunning(eth1, true);
    assert.deepEqual(states(run(system, SYSTEM, noFailback)), [ACTIVE, WAITS]);
  });

  test("nobody waits when failback is on again, nor in another boot", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1");
    const first = run(system, SYSTEM, noFailback);
    system.setRunning(eth1, false);
    system.setRunning(eth1, true);
    assert.deepEqual(states(first), [ACTIVE, WAITS]);
    assert.deepEqual(states(run(system, { ...SYSTEM, boot: "another" }, noFailback)), [ACTIVE, ACTIVE]);
    first.core.checkpoint();
    assert.deepEqual(states(run(system)), [ACTIVE, ACTIVE]);
  });
});

describe("while the first list of links is interrupted", () => {
  /** Two members that have carried 100 and 40 bytes in an earlier run; then one of them is listed. */
  function interrupted(t: TestContext) {
    const run = runs(t);
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const first = run(system);
    system.carry(eth0, 100n);
    system.carry(eth1, 40n);
    assert.equal(first.bytes(), 140n);
    system.listedBeforeInterruption = [eth0];
    const second = run(system);
    system.setRoutes([]);
    return { run, system, second };
  }

  test("nobody is taken for gone: the groups are formed when all links have been told", (t) => {
    const { system, second } = interrupted(t);
    assert.deepEqual(second.core.snapshots.within(-1n).groups, []);
    system.listAgain();
    const { members, missing } = second.group();
    assert.deepEqual([members.map(({ device }) => device), missing, second.bytes()], [["eth0", "eth1"], [], 140n]);
    assert.deepEqual(second.left(), []);
  });

  test("the configuration can be loaded again, and holds when the groups are formed", (t) => {
    const { system, second } = interrupted(t);
    second.core.reconfigure(configuration());
    system.listAgain();
    assert.deepEqual([second.group().members.length, second.bytes(), second.left()], [2, 140n, []]);
  });

  test("what the earlier run left is not saved away", (t) => {
    const { run, system, second } = interrupted(t);
    second.core.checkpoint();
    system.listedBeforeInterruption = undefined;
    assert.equal(run(system).bytes(), 140n);
  });
});

describe("on another system", () => {
  for (const [what, identity] of [
    ["after a reboot", { ...SYSTEM, boot: "another" }],
    ["in another network namespace", { ...SYSTEM, namespace: "net:[2]" }],
  ] as const) {
    test(`${what} totals begin again, with a new beginning`, (t) => {
      const run = runs(t);
      const system = new FakeSystem();
      const eth0 = system.add("eth0");
      const first = run(system);
      system.carry(eth0, 100n);
      first.bytes();
      const second = run(system, identity);
      assert.equal(second.bytes(), 0n);
      assert.ok(second.group().crtime > first.group().crtime);
    });
  }
});

describe("the SNMP engine", () => {
  test("keeps its id over restarts and reboots, and each start is counted", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const hex = (id: Uint8Array) => Buffer.from(id).toString("hex");
    const first = bootSnmpEngine(run(system).core, newEngineId());
    const second = bootSnmpEngine(run(system).core, newEngineId());
    const third = bootSnmpEngine(run(system, { ...SYSTEM, boot: "another" }).core, newEngineId());
    assert.deepEqual([first.boots, second.boots, third.boots], [1, 2, 3]);
    assert.deepEqual([hex(second.id), hex(third.id)], [hex(first.id), hex(first.id)]);
  });

  test("is a new one while its starts cannot be kept, so that no number comes twice", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const kept = bootSnmpEngine(run(system).core, newEngineId());
    const second = run(system);
    // A folder is not replaced.
    second.makeUnwritable();
    const fresh = newEngineId();
    const identity = bootSnmpEngine(second.core, fresh);
    assert.equal(identity.boots, 1);
    assert.deepEqual(identity.id, fresh);
    assert.notDeepEqual(identity.id, kept.id);
  });
});

describe("the state of a group at the start of a run", () => {
  test("is not told of when it is well", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    for (const name of ["eth0", "eth1"]) system.add(name);
    const first = run(system);
    assert.deepEqual(first.states(), []);
    first.core.close();
    assert.deepEqual(run(system).states(), []);
  });

  test("is told of once in each run when it is not, after the first as what it was already", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    for (const before of [undefined, "degraded"]) {
      const { core, states, group } = run(system);
      group();
      core.tick();
      assert.deepEqual(states(), [[before, "degraded"]]);
      core.close();
    }
    system.delete(eth0);
    assert.deepEqual(run(system).states(), [["degraded", "failed"]]);
  });

  test("is a change where it has changed meanwhile", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    for (const name of ["eth0", "eth1"]) system.add(name);
    run(system).core.close();
    system.setRunning(1, false);
    const second = run(system);
    assert.deepEqual(second.states(), [["ok", "degraded"]]);
    second.core.close();
    system.setRunning(1, true);
    assert.deepEqual(run(system).states(), [["degraded", "ok"]]);
  });
});

/** The line that the log has of it. */
function logged(restored: Restored): string {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: string, fields = {}) =>
      void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  logRestored(log, restored, undefined, { now: () => hrtime(0n), wallMs: () => 0 });
  return lines.join("\n");
}

describe("what was restored", () => {
  test("is said with its beginning, or why it was not", (t) => {
    const run = runs(t);
    const system = new FakeSystem();
    for (const name of ["eth0", "eth1"]) system.add(name);
    const first = run(system);
    assert.deepEqual(first.core.restored, { kind: "begun", reason: "no state of an earlier run", expected: true });
    const { crtime } = first.group();
    first.core.close();
    const { restored } = run(system).core;
    assert.equal(restored.kind, "restored");
    assert.equal(restored.kind === "restored" && restored.since, crtime);
    const reason = (identity: typeof SYSTEM) => {
      const { core } = run(system, identity);
      return logged(core.restored);
    };
    assert.match(reason({ ...SYSTEM, namespace: "net:[2]" }), /^warn: .*another network namespace/);
    assert.match(reason({ ...SYSTEM, boot: "another" }), /^info: .*an earlier boot, or of another host/);
    assert.match(reason({ ...SYSTEM, boot: "" }), /^warn: .*does not tell its boot/);
    writeFileSync(first.file, "state of something else");
    assert.match(reason(SYSTEM), /^warn: .*the saved state cannot be used/);
  });
});
