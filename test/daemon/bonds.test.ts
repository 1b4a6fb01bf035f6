import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import * as fc from "fast-check";
import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import { StateFile } from "#src/state/state-file.js";
import { FakeBond } from "../support/fake-bond.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { scratch } from "../support/scratch.ts";

type Told = Partial<Pick<Configuration, "groups" | "discovery" | "detection">>;

function configuration(told: Told): Configuration {
  const defaults = loadConfiguration(undefined);
  assert.ok(!Array.isArray(defaults));
  return { ...defaults, ...told };
}

function aGroup(name: string, ...devices: string[]): Configuration["groups"][number] {
  const members = devices.map((device) => ({ kind: "device", device, standby: false }) as const);
  return { name, ifname: name, members, addresses: [], minActive: 1 };
}

/** A program on the fake system, and what it says. `stateFile`: the path of what an earlier run may have left. */
function running(system: FakeSystem, told: Told = {}, stateFile?: string, startedAt = 0n) {
  let now = startedAt;
  const clock = {
    now: () => {
      now += 1_000n;
      return hrtime(now);
    },
    wallMs: () => 1_700_000_000_000,
  };
  const events = new EventLog();
  const state = stateFile === undefined ? undefined : new StateFile(stateFile);
  const core = new Core({
    sources: [system],
    clock,
    events,
    configuration: configuration(told),
    stateFile: state,
    loaded: state?.load(new Date(0)) ?? { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  const groups = () => core.snapshots.within(0n).groups;
  const group = (name = "bond0"): GroupSnapshot => {
    const found = groups().find((candidate) => candidate.name === name);
    assert.ok(found, `a group ${name}`);
    return found;
  };
  const names = () => groups().map(({ name }) => name);
  const states = (name?: string) => group(name).members.map(({ device, state }) => `${device} ${state}`);
  const bytes = () => group().total[NET_INDEX.rbytes64];
  return { core, events, groups, group, names, states, bytes };
}

/** eth0, eth1 and a bond of both; eth0 is the active slave. */
function activeBackup(more: ConstructorParameters<typeof FakeBond>[2] = {}) {
  const system = new FakeSystem();
  const eth0 = system.add("eth0");
  const eth1 = system.add("eth1");
  const bond = new FakeBond(system, "bond0", { mode: "active-backup", activeIfindex: eth0, ...more });
  bond.enslave(eth0);
  bond.enslave(eth1, { role: "backup" });
  return { system, eth0, eth1, bond };
}

describe("a bond", () => {
  test("is a group of its slaves, under its own name and ifIndex", () => {
    const { system, bond } = activeBackup();
    const { group, names } = running(system);
    assert.deepEqual(names(), ["bond0"]);
    const { ifname, ifindex, source, mode, state, linkUp } = group();
    assert.deepEqual(
      { ifname, ifindex, source, mode, state, linkUp },
      { ifname: "bond0", ifindex: bond.ifindex, source: "bond", mode: "active-backup", state: "ok", linkUp: true },
    );
  });

  test("has neither nominee nor addresses, and its own MTU", () => {
    const { system, bond } = activeBackup();
    const { group } = running(system);
    system.change(bond.ifindex, { mtu: 9000 });
    const { castDevice, addresses, rebinds, castChanges, mtu, members } = group();
    assert.deepEqual(
      [castDevice, addresses, rebinds, castChanges, mtu],
      [undefined, undefined, undefined, undefined, 9000],
    );
    assert.deepEqual(
      members.map(({ boundAddresses, active, flags }) => ({ boundAddresses, active, flags })),
      [
        { boundAddresses: undefined, active: true, flags: ["RUNNING"] },
        { boundAddresses: undefined, active: false, flags: ["RUNNING", "INACTIVE", "STANDBY"] },
      ],
    );
  });

  test("has no MTU where the system does not tell it", () => {
    const { system, bond } = activeBackup();
    system.change(bond.ifindex, { mtu: 0 });
    assert.equal(running(system).group().mtu, undefined);
  });

  test("takes slaves that IP would not group: one MAC for all, no ARP, no multicast, point-to-point", () => {
    const { system, eth0, eth1 } = activeBackup();
    const odd = { lladdr: "02:00:00:00:00:99", noArp: true, multicast: false, pointToPoint: true };
    for (const slave of [eth0, eth1]) system.change(slave, { ...odd, hardwareType: slave === eth0 ? 1 : 32 });
    const { group } = running(system);
    assert.deepEqual(group().refused, []);
    assert.equal(group().members.length, 2);
  });

  test("appears, is renamed and goes while the program runs", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { names, group, bytes } = running(system, { groups: [aGroup("ipmp0", "wan0")] });
    const bond = new FakeBond(system, "bond0", { mode: "balance-rr" }, false);
    assert.deepEqual(names(), ["ipmp0"], "loading the module makes a bond that is down and empty");
    bond.enslave(eth0);
    assert.deepEqual(names(), ["bond0", "ipmp0"]);
    bond.carry(eth0, 70n);
    assert.equal(bytes(), 70n);
    system.change(bond.ifindex, { name: "uplink" });
    assert.deepEqual(names(), ["ipmp0", "uplink"]);
    assert.equal(group("uplink").ifname, "bond0", "a meta-interface keeps its name for life, and its counters");
    assert.equal(group("uplink").total[NET_INDEX.rbytes64], 70n);
    bond.release(eth0);
    assert.deepEqual(names(), ["ipmp0", "uplink"], "a bond that had a slave stays a group");
    system.delete(bond.ifindex);
    assert.deepEqual(names(), ["ipmp0"]);
  });

  test("counts from the enslavement on, also what is carried before the bond has been seen whole", () => {
    const system = new FakeSystem();
    const { group, bytes } = running(system);
    const eth0 = system.add("eth0");
    system.carry(eth0, 1000n);
    const bond = new FakeBond(system, "bond0", { mode: "balance-alb" });
    bond.enslave(eth0, {}, 1000n);
    bond.carry(eth0, 60n);
    assert.equal(group().members.length, 1);
    assert.deepEqual([bytes(), bond.bytes], [60n, 60n]);
  });

  test("made anew under its name is another group", () => {
    const { system, eth0, bond } = activeBackup();
    const { group, bytes } = running(system);
    bond.carry(eth0, 5n);
    assert.equal(bytes(), 5n);
    bond.release(eth0);
    system.delete(bond.ifindex);
    const second = new FakeBond(system, "bond0", { mode: "802.3ad" });
    second.enslave(eth0);
    assert.equal(bytes(), 0n);
    assert.deepEqual([group().ifindex, group().mode], [second.ifindex, "802.3ad"]);
  });

  test("keeps its counters when its mode is changed", () => {
    const { system, eth0, bond } = activeBackup();
    const { group, bytes } = running(system);
    bond.carry(eth0, 5n);
    bond.says({ mode: "balance-xor", activeIfindex: undefined });
    assert.deepEqual([group().mode, bytes()], ["balance-xor", 5n]);
  });
});

describe("who is in a bond", () => {
  test("a slave whose device vanishes stays promised, until it is back or the configuration is read again", () => {
    const { system, eth1, bond } = activeBackup();
    const { core, group } = running(system);
    bond.unplug(eth1);
    assert.deepEqual([group().missing, group().state], [["eth1"], "degraded"]);
    system.setRoutes([]);
    system.add("eth7");
    assert.deepEqual(group().missing, ["eth1"], "whatever else is planned anew");
    bond.enslave(system.add("eth1"));
    assert.deepEqual([group().missing, group().members.length], [[], 2]);
    bond.unplug(eth1 + 3); // the new eth1
    assert.deepEqual(group().missing, ["eth1"]);
    core.reconfigure(configuration({}));
    assert.deepEqual([group().missing, group().state], [[], "ok"]);
  });

  test("a slave that is released was not lost", () => {
    const { system, eth1, bond } = activeBackup();
    const { group } = running(system);
    bond.release(eth1);
    assert.deepEqual([group().missing, group().state, group().members.length], [[], "ok", 1]);
  });

  test("a link that a configured group names is that group's", () => {
    const { system } = activeBackup();
    const { group } = running(system, { groups: [aGroup("ipmp0", "eth1")] });
    assert.deepEqual(
      group().members.map(({ device }) => device),
      ["eth0"],
    );
    assert.deepEqual(
      group("ipmp0").members.map(({ device }) => device),
      ["eth1"],
    );
  });

  test("a bond of which configured groups have every slave makes no group, and makes one when it gets another", () => {
    const { system, bond } = activeBackup();
    const { names } = running(system, { groups: [aGroup("ipmp0", "eth0", "eth1")] });
    assert.deepEqual(names(), ["ipmp0"]);
    bond.enslave(system.add("eth2"));
    assert.deepEqual(names(), ["bond0", "ipmp0"]);
  });

  test("a configured group of the bond's name wins, which is said once", () => {
    const { system } = activeBackup();
    const { group, names, events } = running(system, { groups: [aGroup("bond0", "eth1")] });
    system.setRoutes([]);
    assert.deepEqual(names(), ["bond0"]);
    assert.equal(group().source, "configuration");
    const said = events.since().flatMap((event) => (event.kind === "group-refused" ? [event.cause] : []));
    assert.deepEqual(said, ['the bond "bond0" makes no group: another group has its name']);
  });

  test("the bond itself is a link like any other, also in a group of the same ifIndex", () => {
    const { system, bond } = activeBackup();
    const eth2 = system.add("eth2");
    const hop = (ifindex: number) => ({ ifindex, gateway: "192.0.2.1", weight: 1, dead: false });
    system.setRoutes([{ family: "ipv4", metric: 0, nextHops: [hop(bond.ifindex), hop(eth2)] }]);
    const { group } = running(system);
    assert.deepEqual(
      group("default").members.map(({ device }) => device),
      ["bond0", "eth2"],
    );
    assert.equal(group().members.length, 2);
  });
});

describe("the group of uplinks beside bonds", () => {
  const overBond = (ifindex: number) => [
    { family: "ipv4", metric: 0, nextHops: [{ ifindex, gateway: "192.0.2.1", weight: 1, dead: false }] } as const,
  ];

  test("is left out where it would only be for want of another", () => {
    const { system, bond } = activeBackup();
    system.setRoutes(overBond(bond.ifindex));
    assert.deepEqual(running(system).names(), ["bond0"]);
  });

  test("gives way to a bond that comes", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { names } = running(system);
    assert.deepEqual(names(), ["default"]);
    new FakeBond(system, "bond0", { mode: "802.3ad" }).enslave(eth0);
    assert.deepEqual(names(), ["bond0"]);
  });

  test("is what there is when bonds are not looked for", () => {
    const { system, bond } = activeBackup();
    system.setRoutes(overBond(bond.ifindex));
    const discovery = { ...configuration({}).discovery, bonds: false };
    assert.deepEqual(running(system, { discovery }).names(), ["default"]);
  });
});

describe("failures in a bond", () => {
  test("of the active slave: the bond takes another, which is one failover", () => {
    const { system, eth0, eth1, bond } = activeBackup();
    const { group, states, events } = running(system);
    assert.deepEqual(states(), ["eth0 active", "eth1 inactive"]);
    bond.slaveSays(eth0, { role: "active", miiStatus: "up" }, false);
    assert.deepEqual(states(), ["eth0 active", "eth1 inactive"], "the bond has not noticed yet");
    bond.slaveSays(eth0, { role: "backup", miiStatus: "down" }, false);
    bond.slaveSays(eth1, { role: "active" });
    bond.says({ activeIfindex: eth1 });
    assert.deepEqual(states(), ["eth0 failed", "eth1 active"]);
    assert.deepEqual([group().state, group().failovers], ["degraded", 1n]);
    assert.deepEqual(group().members[0]?.failures, { link: 1n });
    assert.ok(
      events.since().some((event) => event.kind === "member-state" && event.cause === "taken into use by the bond"),
    );
    bond.slaveSays(eth0, { role: "backup", miiStatus: "going back" });
    assert.equal(group().members[0]?.reason, "link up, the bond's up delay is running");
    bond.slaveSays(eth0, { role: "backup" });
    assert.deepEqual([states(), group().failovers], [["eth0 inactive", "eth1 active"], 1n]);
  });

  test("a change of the active slave by hand is a failover too, and no slave at all in between is none", () => {
    const { system, eth0, eth1, bond } = activeBackup();
    const { group } = running(system);
    bond.says({ activeIfindex: eth1 });
    assert.equal(group().failovers, 1n);
    bond.slaveSays(eth0, { role: "backup" });
    bond.slaveSays(eth1, { role: "backup" });
    bond.says({ activeIfindex: undefined });
    assert.deepEqual([group().linkUp, group().failovers], [false, 1n]);
    bond.says({ activeIfindex: eth1 });
    assert.deepEqual([group().linkUp, group().failovers], [true, 1n]);
  });

  test("found by the ARP monitor are failures of probes, and so are their repairs", () => {
    const { system, eth0, eth1, bond } = activeBackup();
    const { group } = running(system);
    bond.slaveSays(eth0, { role: "backup", miiStatus: "down" });
    bond.says({ activeIfindex: eth1 });
    assert.deepEqual([group().members[0]?.failures, group().members[0]?.linkUp], [{ link: 0n, probe: 1n }, true]);
    bond.slaveSays(eth0, { role: "backup" });
    assert.deepEqual(group().members[0]?.repairs, { link: 0n, probe: 1n });
  });

  test("of a slave whose primary is set later: it is no standby any more, and stays inactive", () => {
    const { system, eth0, eth1, bond } = activeBackup();
    const { group } = running(system);
    bond.says({ activeIfindex: eth0, primaryIfindex: eth1 });
    assert.deepEqual(
      group().members.map(({ flags, standby }) => [flags.join(), standby]),
      [
        ["RUNNING,STANDBY", true],
        ["RUNNING,INACTIVE", false],
      ],
    );
  });

  test("in the other modes all slaves work until they fail, and the last one fails the group", () => {
    const { system, eth0, eth1, bond } = activeBackup({ mode: "balance-xor", activeIfindex: undefined });
    const { states, group } = running(system);
    assert.deepEqual(states(), ["eth0 active", "eth1 active"]);
    bond.slaveSays(eth0, { miiStatus: "down" }, false);
    assert.deepEqual([group().state, group().failovers], ["degraded", 1n]);
    bond.slaveSays(eth1, { miiStatus: "down" }, false);
    assert.deepEqual([group().state, group().linkUp], ["failed", false]);
  });
});

describe("a bond without a monitor", () => {
  const unwatched = () => activeBackup({ monitor: "none" });

  test("loses a link and does not see it: the link itself counts", () => {
    const { system, eth0, eth1, bond } = unwatched();
    const { group, states } = running(system);
    assert.equal(group().monitor, "none");
    bond.slaveSays(eth0, { role: "active", miiStatus: "up" }, false);
    assert.deepEqual(states(), ["eth0 failed", "eth1 inactive"]);
    assert.equal(group().members[0]?.reason, "link down, which this bond does not monitor");
    assert.deepEqual([group().state, group().linkUp], ["failed", false], "it goes on with a link that is down");
    bond.slaveSays(eth1, { role: "active" });
    bond.says({ activeIfindex: eth1 });
    assert.deepEqual([group().state, group().linkUp], ["degraded", true], "somebody has told it to use the other");
  });

  test("does not outlive the link that it uses, as it would not go over to its backup", () => {
    const { system, bond } = unwatched();
    const { group } = running(system);
    assert.deepEqual(group().fate?.survives.link, false);
    bond.says({ monitor: "mii" });
    assert.deepEqual(group().fate?.survives.link, true);
  });

  test("is told of once, and again when its monitor is switched off anew", () => {
    const { system, bond } = unwatched();
    const { events } = running(system);
    const warnings = () => events.since().flatMap((event) => (event.kind === "bond-unmonitored" ? [event.group] : []));
    bond.says({ monitor: "none" });
    assert.deepEqual(warnings(), ["bond0"]);
    bond.says({ monitor: "mii" });
    bond.says({ monitor: "none" });
    assert.deepEqual(warnings(), ["bond0", "bond0"]);
  });
});

describe("a bond itself", () => {
  test("without a carrier carries nothing, whatever its slaves say", () => {
    const { system, bond } = activeBackup({ mode: "802.3ad", activeIfindex: undefined, minLinks: 2 });
    const { group, states } = running(system);
    system.change(bond.ifindex, { running: false, operState: "down" });
    assert.deepEqual([group().state, group().linkUp], ["failed", false]);
    assert.equal(group().members[0]?.reason, "bond0 has no carrier: fewer than 2 links");
    assert.equal(states()[0], "eth0 inactive");
    system.change(bond.ifindex, { adminUp: false });
    assert.equal(group().members[0]?.reason, "bond0 is administratively down");
  });
});

/** LACP states: in sync and in use; in sync and waiting; nobody answers. */
const LACP_STATES = { inUse: 0x3f, waiting: 0x0f, noPartner: 0x45 } as const;

/** eth0 in the aggregator in use; eth1 in another one, with a partner of its own. */
function twoSwitches() {
  const system = new FakeSystem();
  const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
  const partnerLladdr = "02:00:00:00:00:aa";
  const bond = new FakeBond(system, "bond0", { mode: "802.3ad", activeAggregator: 1, partnerLladdr });
  const { inUse, waiting } = LACP_STATES;
  bond.enslave(eth0, { role: "active", aggregator: 1, actorState: inUse, partnerState: inUse });
  bond.enslave(eth1, { role: "backup", aggregator: 2, actorState: waiting, partnerState: inUse });
  return { system, eth0, eth1, bond };
}

describe("a bond of mode 802.3ad", () => {
  test("uses the slaves of one aggregator; those of another, with a partner of their own, wait", () => {
    const { system, eth0, eth1, bond } = twoSwitches();
    const { group, states } = running(system);
    const inUse = () => group().members.map(({ lacp }) => lacp?.inActiveAggregator);
    assert.deepEqual(states(), ["eth0 active", "eth1 inactive"]);
    assert.deepEqual([inUse(), group().state], [[true, false], "ok"]);
    assert.equal(group().members[1]?.reason, "aggregator 2, active is 1");
    assert.equal(group().lacp?.partnerLladdr, "02:00:00:00:00:aa");
    const waiting = { actorState: LACP_STATES.waiting, partnerState: LACP_STATES.inUse };
    bond.slaveSays(eth0, { role: "backup", aggregator: 1, ...waiting });
    bond.slaveSays(eth1, { role: "active", aggregator: 2 }); // the bond itself has not been heard of yet
    assert.deepEqual(states(), ["eth0 inactive", "eth1 active"]);
    assert.deepEqual(inUse(), [false, true]);
  });

  test("says that links to another switch have failed where that is configured", () => {
    const { system } = twoSwitches();
    const { detection } = configuration({});
    const { group, states } = running(system, { detection: { ...detection, lacpOtherAggregator: "failed" } });
    assert.deepEqual([states(), group().state], [["eth0 active", "eth1 failed"], "degraded"]);
  });

  test("has lost a link on which no partner answers: carrier alone is no standby", () => {
    const { system, eth1, bond } = twoSwitches();
    const { group, states } = running(system);
    bond.slaveSays(eth1, { role: "backup", aggregator: 2, actorState: LACP_STATES.noPartner, partnerState: 1 });
    assert.deepEqual([states(), group().state], [["eth0 active", "eth1 failed"], "degraded"]);
    assert.equal(group().members[1]?.reason, "no LACP partner");
    assert.deepEqual(group().members[1]?.failures, { link: 0n, lacp: 1n });
    bond.slaveSays(eth1, { role: "active", aggregator: 1, actorState: LACP_STATES.inUse });
    assert.deepEqual(group().members[1]?.repairs, { link: 0n, lacp: 1n });
  });

  test("counts no repair of a link that was not up yet when it joined", () => {
    const { system, eth1, bond } = twoSwitches();
    bond.slaveSays(eth1, { role: "backup", aggregator: 2, actorState: LACP_STATES.noPartner });
    const { group, states } = running(system);
    assert.deepEqual(states(), ["eth0 active", "eth1 failed"]);
    bond.slaveSays(eth1, { role: "active", aggregator: 1, actorState: LACP_STATES.inUse });
    assert.deepEqual(states(), ["eth0 active", "eth1 active"]);
    assert.deepEqual(group().members[1]?.repairs, { link: 0n });
  });

  test("says nothing of LACP in any other mode", () => {
    const { system } = activeBackup();
    const { lacp, members } = running(system).group();
    assert.deepEqual([lacp, members[0]?.lacp], [undefined, undefined]);
  });
});

describe("a team", () => {
  const NOT_TOLD = { role: undefined, miiStatus: undefined, linkFailures: undefined } as const;

  /** A team of eth0 and eth1, as the kernel tells of it without more. */
  function aTeam() {
    const system = new FakeSystem();
    const ports = [system.add("eth0"), system.add("eth1")] as const;
    const team = new FakeBond(system, "team0", { kind: "team", monitor: undefined });
    for (const port of ports) team.enslave(port, NOT_TOLD);
    return { system, ports, team };
  }

  test("calls no port active while nobody tells which one is", () => {
    const { system, ports } = aTeam();
    const { group, states } = running(system);
    assert.deepEqual([group("team0").source, group("team0").mode], ["team", "team"]);
    assert.deepEqual(states("team0"), ["eth0 inactive", "eth1 inactive"]);
    for (const { active, reason } of group("team0").members) {
      assert.deepEqual([active, reason], [false, "active port not known"]);
    }
    assert.deepEqual([group("team0").state, group("team0").linkUp], ["ok", true]);
    system.setRunning(ports[0], false);
    assert.deepEqual([states("team0"), group("team0").state], [["eth0 failed", "eth1 inactive"], "degraded"]);
  });

  test("that uses one port at a time has a failover when that is another one", () => {
    const { system, ports, team } = aTeam();
    const { group, states } = running(system);
    const use = (active: number) => {
      team.says({ mode: "activebackup", activeIfindex: active });
      for (const port of ports)
        team.slaveSays(port, { ...NOT_TOLD, kind: "team", role: port === active ? "active" : "backup" });
    };
    use(ports[0]);
    assert.deepEqual([states("team0"), group("team0").mode], [["eth0 active", "eth1 inactive"], "activebackup"]);
    use(ports[1]);
    assert.deepEqual([states("team0"), group("team0").failovers], [["eth0 inactive", "eth1 active"], 1n]);
  });
});

describe("after a restart", () => {
  /** Two runs over one state file; `meanwhile` happens between them. */
  function twoRuns(t: TestContext, meanwhile: (bond: FakeBond, slaves: number[], system: FakeSystem) => void) {
    const folder = scratch(t);
    const { system, eth0, eth1, bond } = activeBackup();
    const first = running(system, {}, join(folder, "state.json"));
    bond.carry(eth0, 100n);
    bond.carry(eth1, 7n);
    assert.equal(first.bytes(), 107n);
    first.core.close();
    meanwhile(bond, [eth0, eth1], system);
    return running(system, {}, join(folder, "state.json"), 10n ** 9n);
  }

  test("a bond's counters go on", (t) => {
    const second = twoRuns(t, (bond, [eth0 = 0]) => bond.carry(eth0, 20n));
    assert.equal(second.bytes(), 127n);
  });

  test("a slave that was released meanwhile was not lost, one whose device is gone was", (t) => {
    const released = twoRuns(t, (bond, [, eth1 = 0]) => bond.release(eth1)).group();
    assert.deepEqual([released.missing, released.state, released.total[NET_INDEX.rbytes64]], [[], "ok", 107n]);
    const unplugged = twoRuns(t, (bond, [, eth1 = 0]) => bond.unplug(eth1)).group();
    assert.deepEqual([unplugged.missing, unplugged.state], [["eth1"], "degraded"]);
  });

  test("another bond of the same name is another group", (t) => {
    const second = twoRuns(t, (bond, slaves, system) => {
      for (const slave of slaves) bond.release(slave);
      system.delete(bond.ifindex);
      const next = new FakeBond(system, "bond0", { mode: "balance-rr" });
      for (const slave of slaves) next.enslave(slave);
    });
    assert.deepEqual([second.bytes(), second.group().members.length], [0n, 2]);
  });
});

describe("the bond's own counter", () => {
  /** What may happen to three slaves, by number of slave. */
  const step = fc.record({
    what: fc.constantFrom("carry", "enslave", "release", "unplug", "fail", "look"),
    slave: fc.nat(2),
    bytes: fc.bigInt(1n, 10n ** 12n),
  });

  test("and the group's agree from the program's start on, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const system = new FakeSystem();
        const carried = new Map<number, bigint>();
        const slaves: (number | undefined)[] = [];
        const bond = new FakeBond(system, "bond0", { mode: "balance-rr" });
        const enslaved = new Set<number>();
        const add = (n: number) => {
          const ifindex = system.add(`eth${n}`);
          slaves[n] = ifindex;
          return ifindex;
        };
        for (const n of [0, 1, 2]) {
          const ifindex = add(n);
          bond.enslave(ifindex);
          enslaved.add(ifindex);
          bond.carry(ifindex, 1_000n);
        }
        const atStart = bond.bytes;
        const { bytes } = running(system);
        for (const { what, slave, bytes: count } of steps) {
          const ifindex = slaves[slave] ?? add(slave);
          const inBond = enslaved.has(ifindex);
          if (what === "carry") {
            bond.carry(ifindex, count);
            carried.set(ifindex, (carried.get(ifindex) ?? 0n) + count);
          } else if (what === "enslave" && !inBond) {
            bond.enslave(ifindex, {}, carried.get(ifindex) ?? 0n);
            enslaved.add(ifindex);
          } else if (what === "release" && inBond) {
            bond.release(ifindex);
            enslaved.delete(ifindex);
          } else if (what === "unplug" && inBond) {
            bond.unplug(ifindex);
            enslaved.delete(ifindex);
            slaves[slave] = undefined;
          } else if (what === "fail" && inBond) bond.slaveSays(ifindex, { miiStatus: "down" }, false);
          else if (what === "look") assert.equal(bytes(), bond.bytes - atStart);
        }
        assert.equal(bytes(), bond.bytes - atStart);
      }),
    );
  });
});
