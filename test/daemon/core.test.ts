import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import type { DefaultRoute } from "#src/sources/source.js";
import { configuration as fromFile } from "../config/support.ts";
import { A_PORT, NO_AGGREGATE } from "../support/fake-bond.ts";
import { aLink, FakeSystem } from "../support/fake-system.ts";
import { configuration, type Told } from "./configuration.ts";

function device(name: string, standby = false) {
  return { kind: "device", device: name, standby } as const;
}

const unsaved = { stateFile: undefined, loaded: { kind: "none" }, system: { boot: "b", namespace: "n" } } as const;

/** A running core over a fake system, and what it says. */
function running(system: FakeSystem, told: Told) {
  let now = 0n;
  const tick = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const clock = { now: tick, wallMs: () => 1_700_000_000_000 };
  const events = new EventLog();
  const core = new Core({ sources: [system], clock, events, configuration: configuration(told), ...unsaved });
  core.start();
  const group = (name = "ipmp0"): GroupSnapshot => {
    const found = core.snapshots.within(0n).groups.find((candidate) => candidate.name === name);
    assert.ok(found, `a group ${name}`);
    return found;
  };
  const bytes = (name?: string) => group(name).total[NET_INDEX.rbytes64];
  const kinds = () => events.since().map(({ kind }) => kind);
  const advance = (seconds: number) => {
    now += BigInt(seconds) * 1_000_000_000n;
  };
  return { core, group, bytes, events, kinds, advance };
}

describe("a group's bytes", () => {
  const two = { groups: [{ members: [device("eth0"), device("eth1")] }] };

  test("are what its members carry from their join on", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const eth1 = system.add("eth1");
    system.carry(eth0, 1_000n);
    const { bytes } = running(system, two);
    assert.equal(bytes(), 0n);
    system.carry(eth0, 7n);
    system.carry(eth1, 30n);
    assert.equal(bytes(), 37n);
  });

  test("keep what a member carried to its very end when it is deleted", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const { bytes, group } = running(system, two);
    system.carry(eth0, 500n);
    system.delete(eth0);
    assert.equal(bytes(), 500n);
    assert.deepEqual(group().missing, ["eth0"]);
    assert.equal(group().state, "degraded");
  });

  test("go on when the link is made again under its name, and count it from its beginning", () => {
    const system = new FakeSystem();
    const first = system.add("eth0");
    const { bytes } = running(system, two);
    system.carry(first, 500n);
    system.delete(first);
    const second = system.add("eth0");
    system.carry(second, 20n);
    assert.equal(bytes(), 520n);
  });

  test("stop with a rename out of the rules and go on with the rename back", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { bytes } = running(system, two);
    system.carry(eth0, 100n);
    system.change(eth0, { name: "spare" });
    system.carry(eth0, 1_000n);
    system.change(eth0, { name: "eth0" });
    system.carry(eth0, 5n);
    assert.equal(bytes(), 105n);
  });

  test("do not notice when two members swap names between two looks", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const eth1 = system.add("eth1");
    const { bytes, group } = running(system, two);
    system.carry(eth0, 100n);
    system.carry(eth1, 20n);
    system.change(eth0, { name: "swap" });
    system.change(eth1, { name: "eth0" });
    system.change(eth0, { name: "eth1" });
    system.carry(eth0, 3n);
    assert.equal(bytes(), 123n);
    assert.deepEqual(
      group().members.map(({ device: name, link }) => [name, link.id.ifindex]),
      [
        ["eth0", eth1],
        ["eth1", eth0],
      ],
    );
  });

  test("survive a swap of names that is only seen as a whole", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const eth1 = system.add("eth1");
    const { bytes } = running(system, two);
    system.carry(eth0, 100n);
    system.carry(eth1, 20n);
    bytes();
    system.change(eth0, { name: "swap" });
    system.change(eth1, { name: "eth0" });
    system.change(eth0, { name: "eth1" });
    system.loseEvents();
    system.carry(eth0, 3n);
    assert.equal(bytes(), 123n);
  });

  test("stay with who carried them when names are exchanged between groups and it is only seen as a whole", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const eth1 = system.add("eth1");
    const { bytes } = running(system, {
      groups: [
        { name: "a", members: [device("eth0")] },
        { name: "b", members: [device("eth1")] },
      ],
    });
    system.carry(eth0, 1_000n);
    system.carry(eth1, 20n);
    system.change(eth0, { name: "swap" });
    system.change(eth1, { name: "eth0" });
    system.change(eth0, { name: "eth1" });
    system.loseEvents();
    assert.deepEqual([bytes("a"), bytes("b")], [1_000n, 20n]);
    system.carry(eth0, 7n);
    assert.deepEqual([bytes("a"), bytes("b")], [1_000n, 27n]);
  });

  test("follow a member that moves to another group by a reload", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { core, bytes } = running(system, {
      groups: [{ name: "a", members: [device("eth0")] }, { name: "b" }],
    });
    system.carry(eth0, 10n);
    core.reconfigure(configuration({ groups: [{ name: "a" }, { name: "b", members: [device("eth0")] }] }));
    system.carry(eth0, 4n);
    assert.deepEqual([bytes("a"), bytes("b")], [10n, 4n]);
  });

  test("never fall when a driver begins again at zero", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { bytes, core } = running(system, two);
    system.carry(eth0, 100n);
    assert.equal(bytes(), 100n);
    system.resetCounters(eth0);
    system.carry(eth0, 8n);
    assert.equal(bytes(), 108n);
    assert.deepEqual(core.snapshots.within(0n).resets, [{ device: "eth0", reason: "restart", count: 1n }]);
  });

  test("stay as last seen while the system does not answer, and go on when it does", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { bytes, core, kinds } = running(system, two);
    system.carry(eth0, 100n);
    assert.equal(bytes(), 100n);
    system.fault = "No buffer space available";
    system.carry(eth0, 5n);
    system.delete(eth0); // the event wakes the daemon, which must live on
    assert.equal(bytes(), 100n);
    assert.equal(core.snapshots.within(0n).collectors[0]?.success, false);
    system.fault = undefined;
    assert.equal(bytes(), 105n);
    assert.equal(core.snapshots.within(0n).collectors[0]?.success, true);
    assert.equal(kinds().filter((kind) => kind === "source-unanswered").length, 1);
  });

  test("are departed plus present for every statistic", () => {
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    const { group } = running(system, two);
    system.carry(eth0, 11n, 2n);
    system.delete(eth0);
    system.carry(eth1, 5n, 3n);
    const { total, departed, members } = group();
    for (const [slot, value] of total.entries()) {
      const present = members.reduce((sum, { share }) => sum + (share[slot] ?? 0n), 0n);
      assert.equal(value, (departed[slot] ?? 0n) + present);
    }
  });
});

describe("a group's state", () => {
  const standby = { groups: [{ members: [device("eth0"), device("eth1", true)] }] };

  test("a standby waits, takes over when a link is lost, and rests when it is back", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const { group } = running(system, standby);
    const states = () => group().members.map(({ device: name, state }) => `${name} ${state}`);
    assert.deepEqual(states(), ["eth0 active", "eth1 inactive"]);
    assert.equal(group().state, "ok");
    system.setRunning(eth0, false);
    assert.deepEqual(states(), ["eth0 failed", "eth1 active"]);
    assert.equal(group().state, "degraded");
    assert.equal(group().failovers, 1n);
    assert.deepEqual(group().members[0]?.failures, { link: 1n });
    system.setRunning(eth0, true);
    assert.deepEqual(states(), ["eth0 active", "eth1 inactive"]);
    assert.deepEqual(group().members[0]?.repairs, { link: 1n });
  });

  test("without failback a repaired member stays inactive", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const { group } = running(system, { ...standby, failback: false });
    system.setRunning(eth0, false);
    system.setRunning(eth0, true);
    assert.deepEqual(
      group().members.map(({ state }) => state),
      ["inactive", "active"],
    );
  });

  test("a failure is one, and is repaired, whatever an administrator does to the link meanwhile", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1");
    const { core, group } = running(system, { groups: [{ members: [device("eth0"), device("eth1")] }] });
    const counts = () =>
      group().members.map(({ state, failures, repairs }) => [state, failures["link"], repairs["link"]])[1];
    system.setRunning(eth1, false);
    assert.deepEqual(counts(), ["failed", 1n, 0n]);
    system.change(eth1, { adminUp: false });
    assert.deepEqual(counts(), ["offline", 1n, 0n]);
    system.change(eth1, { adminUp: true });
    assert.deepEqual(counts(), ["failed", 1n, 0n]);
    assert.equal(core.setOffline("eth1", true), "done");
    assert.deepEqual(counts(), ["offline", 1n, 0n]);
    system.setRunning(eth1, true);
    assert.deepEqual(counts(), ["offline", 1n, 0n]);
    assert.equal(core.setOffline("eth1", false), "done");
    assert.deepEqual(counts(), ["active", 1n, 1n]);
    assert.equal(core.setOffline("eth1", true), "done");
    assert.equal(core.setOffline("eth1", false), "done");
    assert.deepEqual(counts(), ["active", 1n, 1n]);
  });

  test("it fails with its last link, and the meta-interface is no longer running", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { group } = running(system, { groups: [{ members: [device("eth0")] }] });
    assert.equal(group().linkUp, true);
    system.change(eth0, { adminUp: false, running: false });
    assert.equal(group().linkUp, false);
    assert.equal(group().state, "failed");
    assert.equal(group().members[0]?.reason, "administratively down");
  });

  test("a link that the kernel would refuse is refused by name, and the other groups live", () => {
    const system = new FakeSystem();
    system.add("tun0", { pointToPoint: true, noArp: true, hardwareType: 65_534 });
    system.add("eth0");
    const { group, events } = running(system, {
      groups: [
        { name: "vpn", members: [device("tun0")] },
        { name: "ipmp0", members: [device("eth0")] },
      ],
    });
    assert.deepEqual(
      group("vpn").refused.map(({ device: name, errno }) => [name, errno]),
      [["tun0", "EINVAL"]],
    );
    assert.equal(group("ipmp0").state, "ok");
    assert.ok(events.since().some(({ kind }) => kind === "member-refused"));
  });

  test("offline takes a member out of service unless it is the last", () => {
    const system = new FakeSystem();
    system.add("eth0");
    system.add("eth1");
    const { core, group } = running(system, { groups: [{ members: [device("eth0"), device("eth1")] }] });
    assert.equal(core.setOffline("eth0", true), "done");
    assert.equal(group().members[0]?.state, "offline");
    assert.equal(core.setOffline("eth1", true), "refused");
    assert.equal(core.setOffline("eth7", true), "unknown");
    assert.equal(core.setOffline("eth0", false), "done");
    assert.equal(group().state, "ok");
  });

  test("time is counted in the state that was", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { group, advance } = running(system, { groups: [{ members: [device("eth0")] }] });
    advance(10);
    system.setRunning(eth0, false);
    advance(5);
    const { stateTime } = group();
    assert.equal(stateTime.ok / 1_000_000_000n, 10n);
    assert.equal(stateTime.failed / 1_000_000_000n, 5n);
  });

  test("no state has lasted for less than no time, when a failure and its repair are heard of together", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { core, group } = running(system, { groups: [{ members: [device("eth0")] }] });
    system.hold();
    system.setRunning(eth0, false);
    system.setRunning(eth0, true);
    core.tick();
    const { stateTime } = group();
    assert.ok(stateTime.failed >= 0n, `${stateTime.failed} ns failed`);
  });
});

describe("data addresses", () => {
  test("are spread over the active members and move when one fails", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1");
    const addresses = ["192.0.2.10", "192.0.2.11"].flatMap((text) => parseIpAddress(text) ?? []);
    const { group, events } = running(system, { groups: [{ members: [device("eth0"), device("eth1")], addresses }] });
    const inbound = () => group().addresses?.map((address) => address.inbound);
    assert.deepEqual(inbound()?.toSorted(), ["eth0", "eth1"]);
    system.setRunning(eth0, false);
    assert.deepEqual(inbound(), ["eth1", "eth1"]);
    assert.equal(group().castDevice?.ipv4, "eth1");
    const told = events.since().flatMap((event) => ("from" in event && event.kind.endsWith("ed") ? [event] : []));
    assert.deepEqual(
      told.map(({ kind, from, cause }) => `${kind} from ${from}: ${cause}`),
      [
        "cast-changed from eth0: eth0 failed: link down",
        "cast-changed from eth0: eth0 failed: link down",
        "address-moved from eth0: eth0 failed: link down",
      ],
    );
  });
});

test("data addresses are those of the configuration that was loaded last, and one that stays keeps its member", () => {
  const system = new FakeSystem();
  system.add("eth0");
  system.add("eth1");
  const told = (...texts: readonly string[]) => ({
    groups: [
      {
        members: [device("eth0"), device("eth1")],
        addresses: texts.flatMap((text) => parseIpAddress(text) ?? []),
      },
    ],
  });
  const { core, group } = running(system, told("192.0.2.10", "192.0.2.11", "2001:db8::1"));
  const shown = () => group().addresses?.map(({ address, up }) => `${address} ${up ? "up" : "down"}`);
  const inbound = (text: string) => group().addresses?.find(({ address }) => address === text)?.inbound;
  assert.deepEqual(shown(), ["192.0.2.10 up", "192.0.2.11 up", "2001:db8::1 up"]);
  const kept = inbound("192.0.2.11");
  core.reconfigure(configuration(told("192.0.2.11", "192.0.2.12", "2001:db8::2")));
  assert.deepEqual(shown(), ["192.0.2.11 up", "192.0.2.12 up", "2001:db8::2 up"]);
  assert.equal(inbound("192.0.2.11"), kept);
});

describe("members' own addresses", () => {
  test("are test addresses: they stay, and are no data addresses of the group", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.addressList = [
      { ifindex: eth0, family: "ipv4", address: "192.0.2.31", prefixLength: 24, tentative: false, duplicate: false },
    ];
    const { group } = running(system, { groups: [{ members: [device("eth0")] }] });
    assert.deepEqual(group().addresses, []);
    assert.equal(group().members[0]?.boundAddresses, 0);
    assert.equal(group().members[0]?.link.addresses[0]?.address, "192.0.2.31");
  });
});

describe("the group of uplinks", () => {
  const hop = (ifindex: number) => ({ ifindex, gateway: "192.0.2.1", weight: 1, dead: false });

  test("is the next hops of a multipath default route, and keeps one whose route went with it", () => {
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    system.add("eth2");
    system.routes = [{ family: "ipv4", metric: 0, nextHops: [hop(eth0), hop(eth1)] }];
    const { group } = running(system, {});
    const devices = () => group("default").members.map(({ device: name }) => name);
    assert.deepEqual(devices(), ["eth0", "eth1"]);
    assert.equal(group("default").source, "route");
    assert.equal(group("default").castDevice, undefined);
    system.setRunning(eth0, false);
    system.setRoutes([{ family: "ipv4", metric: 0, nextHops: [hop(eth1)] }]);
    assert.deepEqual(devices(), ["eth0", "eth1"]);
    assert.equal(group("default").state, "degraded");
  });

  test("is made of the links that no configured group has, and not at all when these have every one", () => {
    const system = new FakeSystem();
    const links = ["eth0", "eth1", "eth2"].map((name) => system.add(name));
    system.routes = [{ family: "ipv4", metric: 0, nextHops: links.map(hop) }];
    const others = (...devices: string[]) => {
      const { core, events } = running(system, {
        groups: [{ name: "ipmp0", members: devices.map((name) => device(name)) }],
      });
      assert.deepEqual(
        events.since().filter(({ kind }) => kind === "group-state"),
        [],
        "nothing is wrong with any group",
      );
      return core.snapshots
        .within(0n)
        .groups.map(({ name, members }) => `${name}: ${members.map((member) => member.device).join(" ")}`);
    };
    assert.deepEqual(others("eth1"), ["default: eth0 eth2", "ipmp0: eth1"]);
    assert.deepEqual(others("eth0", "eth1"), ["default: eth2", "ipmp0: eth0 eth1"]);
    assert.deepEqual(others("eth0", "eth1", "eth2"), ["ipmp0: eth0 eth1 eth2"]);
  });

  describe("of which a route uses only some", () => {
    const states = (group: GroupSnapshot) => [
      group.state,
      ...group.members.map(({ device: name, state, reason }) => `${name} ${state}${reason ? `: ${reason}` : ""}`),
    ];
    const both = (a: number, b: number) => [{ family: "ipv4", metric: 0, nextHops: [hop(a), hop(b)] }] as const;

    /** eth0 and eth1 under one multipath route; `routes` sets others and lets the daemon read them. */
    function multipath() {
      const system = new FakeSystem();
      const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
      system.routes = both(eth0, eth1);
      const daemon = running(system, {});
      const routes = (...told: readonly DefaultRoute[]) => {
        system.setRoutes(told);
        daemon.advance(1);
        daemon.core.tick();
      };
      return { system, eth0, eth1, routes, ...daemon };
    }

    test("a hop that was withdrawn is inactive, with the reason, and no failure", () => {
      const { group, routes, eth0, eth1 } = multipath();
      assert.deepEqual(states(group("default")), ["ok", "eth0 active", "eth1 active"]);
      routes({ family: "ipv4", metric: 0, nextHops: [hop(eth1)] });
      const found = group("default");
      assert.deepEqual(states(found), ["degraded", "eth0 inactive: no default route uses it", "eth1 active"]);
      assert.deepEqual(
        found.members.map(({ route, failureCount }) => [route?.inRoute, route?.weight, failureCount]),
        [
          [false, undefined, 0n],
          [true, 1, 0n],
        ],
      );
      assert.equal(found.capacity?.bitsPerSecond, 1_000_000_000);
      routes(...both(eth0, eth1));
      assert.deepEqual(states(group("default")), ["ok", "eth0 active", "eth1 active"]);
    });

    test("a hop that the kernel took out at a loss of carrier stays out when the carrier is back", () => {
      const { system, group, routes, eth0, eth1 } = multipath();
      system.setRunning(eth0, false);
      routes({ family: "ipv4", metric: 0, nextHops: [hop(eth1)] });
      assert.deepEqual(states(group("default")), ["degraded", "eth0 failed: link down", "eth1 active"]);
      system.setRunning(eth0, true);
      assert.deepEqual(states(group("default")), [
        "degraded",
        "eth0 inactive: no default route uses it",
        "eth1 active",
      ]);
    });

    test("none: the group has failed, though every link is up", () => {
      const { group, routes, events } = multipath();
      routes();
      assert.equal(group("default").state, "failed");
      assert.equal(group("default").linkUp, false);
      const [last] = events
        .since()
        .filter(({ kind }) => kind === "group-state")
        .slice(-1);
      assert.equal(last?.cause, "eth0 and eth1 are not in use (no default route uses it)");
    });

    test("a hop that was withdrawn is nobody for the last one to be taken offline for", () => {
      const { core, group, routes, eth1 } = multipath();
      routes({ family: "ipv4", metric: 0, nextHops: [hop(eth1)] });
      assert.equal(core.setOffline("eth1", true), "refused");
      assert.deepEqual(states(group("default")), [
        "degraded",
        "eth0 inactive: no default route uses it",
        "eth1 active",
      ]);
    });

    test("one that was withdrawn goes when the configuration is loaded again", () => {
      const { core, group, routes, eth1 } = multipath();
      routes({ family: "ipv4", metric: 0, nextHops: [hop(eth1)] });
      core.reconfigure(configuration({}));
      assert.deepEqual(states(group("default")), ["ok", "eth1 active"]);
    });
  });

  test("stays when a device is added whose LAGs will be groups: that waits for a restart", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { core, group } = running(system, {});
    system.carry(eth0, 100n);
    core.reconfigure(
      fromFile("sources: [{ name: sw1, kind: snmp, target: 192.0.2.1, community: public, discover: lags }]\n"),
    );
    assert.equal(group("default").total[NET_INDEX.rbytes64], 100n);
  });

  test("has a standby behind the better metric, which takes over with the loss and gives back", () => {
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    system.routes = [
      { family: "ipv4", metric: 100, nextHops: [hop(eth0)] },
      { family: "ipv4", metric: 200, nextHops: [hop(eth1)] },
    ];
    const { group } = running(system, {});
    const states = () => group("default").members.map(({ state, standby }) => `${state}${standby ? " standby" : ""}`);
    assert.equal(group("default").mode, "set");
    assert.deepEqual(states(), ["active", "inactive standby"]);
    system.setRunning(eth0, false);
    assert.deepEqual(states(), ["failed", "active standby"]);
    assert.equal(group("default").failovers, 1n);
    system.setRunning(eth0, true);
    assert.deepEqual(states(), ["active", "inactive standby"]);
  });

  test("of two advertised routes is no multipath", () => {
    const system = new FakeSystem();
    const [eth0, eth1] = [system.add("eth0"), system.add("eth1")];
    system.routes = [eth0, eth1].map((ifindex) => ({
      family: "ipv6",
      metric: 1024,
      nextHops: [hop(ifindex)],
      advertised: "medium",
    }));
    const { group } = running(system, {});
    assert.deepEqual([group("default").source, group("default").mode], ["default", "set"]);
    assert.deepEqual(
      group("default").members.map(({ state, route }) => [state, route?.inRoute]),
      [
        ["active", undefined],
        ["active", undefined],
      ],
    );
  });

  test("has point-to-point links and links without ARP as members, as the routes have", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const ppp0 = system.add("ppp0", {
      hardwareType: 512,
      pointToPoint: true,
      noArp: true,
      multicast: false,
      hasDevice: false,
    });
    system.routes = [{ family: "ipv4", metric: 0, nextHops: [hop(eth0), hop(ppp0)] }];
    const { group } = running(system, {});
    assert.deepEqual(
      group("default").members.map(({ device: name, state }) => [name, state]),
      [
        ["eth0", "active"],
        ["ppp0", "active"],
      ],
    );
    system.setRunning(eth0, false);
    assert.equal(group("default").state, "degraded");
  });

  test("has a link whose device is known only after the link has appeared", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1", { hasDevice: false });
    const { group } = running(system, {});
    const devices = () => group("default").members.map(({ device: name }) => name);
    assert.deepEqual(devices(), ["eth0"]);
    system.change(eth1, { hasDevice: true, name: "enp1s0" });
    assert.deepEqual(devices(), ["enp1s0", "eth0"]);
  });

  test("is the carriers of default routes where none is multipath, and all devices where there is none", () => {
    const system = new FakeSystem();
    system.add("lo", { loopback: true, hasDevice: false });
    const eth0 = system.add("eth0");
    system.add("eth1");
    const { group } = running(system, {});
    const devices = () => group("default").members.map(({ device: name }) => name);
    assert.deepEqual(devices(), ["eth0", "eth1"]);
    system.setRoutes([{ family: "ipv4", metric: 0, nextHops: [hop(eth0)] }]);
    assert.deepEqual(devices(), ["eth0"]);
    assert.equal(group("default").source, "default");
  });

  test("leaves out a link whose master is a member and counts its traffic, and says so", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const vf = system.add("eth1", { masterIfindex: eth0 });
    const { group, bytes, events } = running(system, {});
    assert.deepEqual(
      group("default").members.map(({ device: name }) => name),
      ["eth0"],
    );
    system.carry(eth0, 70n);
    system.carry(vf, 70n);
    assert.equal(bytes("default"), 70n);
    assert.deepEqual(group("default").refused, [
      { device: "eth1", errno: "EBUSY", why: "its traffic is counted by eth0, which is a member" },
    ]);
    assert.equal(events.since().filter(({ kind }) => kind === "member-refused").length, 1);
  });

  test("becomes well, and is ill, for what its members do and not for a link that is left out", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("eth1", { masterIfindex: eth0 });
    const { events } = running(system, {});
    system.setRunning(eth0, false);
    system.setRunning(eth0, true);
    const states = events
      .since()
      .flatMap((event) => (event.kind === "group-state" ? [`${event.to}: ${event.cause}`] : []));
    assert.deepEqual(states, ["failed: eth0 has no carrier", "ok: eth0 is active"]);
  });

  test("lets a link go that gets a member for its master", () => {
    const system = new FakeSystem();
    const [eth0, vf] = [system.add("eth0"), system.add("eth1")];
    const { group, advance, core } = running(system, {});
    assert.equal(group("default").members.length, 2);
    system.change(vf, { masterIfindex: eth0 });
    advance(1);
    core.tick();
    assert.deepEqual(
      group("default").members.map(({ device: name }) => name),
      ["eth0"],
    );
  });
});

describe("a link that the configuration names by another of its names", () => {
  const told = { groups: [{ members: [device("enp3s0"), device("eth1")] }] };

  test("is a member under its name, and not missing under the other", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0", { altNames: ["enp3s0"] });
    system.add("eth1");
    const { group, core } = running(system, told);
    assert.deepEqual([group().state, group().missing, group().membersExpected], ["ok", [], 2]);
    assert.equal(core.setOffline("enp3s0", true), "done");
    assert.equal(group().members[0]?.state, "offline");
    system.change(eth0, { altNames: [] });
    assert.deepEqual([group().state, group().missing, group().membersExpected], ["degraded", ["enp3s0"], 2]);
    system.change(eth0, { altNames: ["enp3s0"] });
    assert.deepEqual(group().missing, []);
  });

  test("is missing under the name that was asked for, once, when it is gone", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0", { altNames: ["enp3s0"] });
    system.add("eth1");
    const { group } = running(system, told);
    system.delete(eth0);
    assert.deepEqual([group().missing, group().membersExpected], [["enp3s0"], 2]);
  });

  test("stays a member when its name changes", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0", { altNames: ["enp3s0"] });
    system.add("eth1");
    const { group, bytes } = running(system, told);
    system.carry(eth0, 5n);
    system.change(eth0, { name: "wan" });
    system.carry(eth0, 6n);
    assert.equal(bytes(), 11n);
    assert.deepEqual(group().missing, []);
  });
});

describe("a link that has its place already", () => {
  const refusedOf = ({ state, missing, membersExpected, refused }: GroupSnapshot) => [
    state,
    missing,
    membersExpected,
    refused.map(({ device: name, errno, why }) => `${name} ${errno}: ${why}`),
  ];

  test("is refused where another group names it otherwise, until that is no name of it", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0", { altNames: ["uplink"] });
    system.add("eth1");
    const groups = [
      { name: "g", members: [device("eth0")] },
      { name: "h", members: [device("uplink"), device("eth1")] },
    ];
    const { core, group, events } = running(system, { groups });
    const refusal = "uplink EBUSY: it is eth0, which belongs to the group g";
    assert.deepEqual(refusedOf(group("g")), ["ok", [], 1, []]);
    assert.deepEqual(refusedOf(group("h")), ["degraded", [], 2, [refusal]]);
    const told = () => events.since().flatMap((event) => (event.kind === "member-refused" ? [event.device] : []));
    assert.deepEqual(told(), ["uplink"]);
    const why = events.since().flatMap((event) => (event.kind === "group-state" ? [event.cause] : []));
    assert.deepEqual(why, ["uplink may not join"]);
    core.reconfigure(configuration({ groups }));
    assert.deepEqual(told(), ["uplink"]);
    system.change(eth0, { altNames: [] });
    assert.deepEqual(refusedOf(group("h")), ["degraded", ["uplink"], 2, []]);
    system.change(eth0, { altNames: ["uplink"] });
    assert.deepEqual(refusedOf(group("h")), ["degraded", [], 2, [refusal]]);
    core.reconfigure(configuration({ groups: groups.toReversed() }));
    assert.deepEqual(refusedOf(group("h")), ["ok", [], 2, []]);
    assert.deepEqual(refusedOf(group("g")), ["failed", [], 1, ["eth0 EBUSY: it belongs to the group h"]]);
    system.delete(eth0);
    assert.deepEqual(refusedOf(group("g")), ["failed", ["eth0"], 1, []]);
    assert.deepEqual(refusedOf(group("h")), ["degraded", ["uplink"], 2, []]);
  });

  test("is refused where a rule before has found it", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const all = { kind: "match", match: /^eth/, standby: false } as const;
    const { group } = running(system, {
      groups: [
        { name: "g", members: [all, device("eth0")] },
        { name: "h", members: [device("eth0")] },
      ],
    });
    assert.deepEqual(refusedOf(group("g")), ["ok", [], 1, []]);
    assert.deepEqual(refusedOf(group("h")), ["failed", [], 1, ["eth0 EBUSY: it belongs to the group g"]]);
  });

  test("is a member once where its group names it twice, and the other name is refused", () => {
    const system = new FakeSystem();
    system.add("eth0", { altNames: ["uplink"] });
    const { group, events } = running(system, {
      groups: [{ members: [device("uplink"), device("eth0")], minActive: 2 }],
    });
    assert.deepEqual(refusedOf(group()), [
      "degraded",
      [],
      1,
      ["uplink EBUSY: it is eth0, which has its place in the group already"],
    ]);
    const why = events.since().flatMap((event) => (event.kind === "group-state" ? [event.cause] : []));
    assert.deepEqual(why, ["uplink may not join"]);
  });
});

test("a link of another medium is let in by the next plan when the last member has left", () => {
  const system = new FakeSystem();
  const eth0 = system.add("eth0");
  const ib0 = system.add("ib0", { hardwareType: 32 });
  const { core, group, bytes, advance } = running(system, { groups: [{ members: [device("eth0"), device("ib0")] }] });
  assert.deepEqual([group().members.length, group().refused.length], [1, 1]);
  system.delete(eth0);
  system.carry(ib0, 100n); // it is no member yet, and nobody has read that
  system.setRoutes([]);
  advance(1);
  core.tick();
  assert.deepEqual([group().members[0]?.device, group().refused.length, bytes()], ["ib0", 0, 0n]);
});

test("a link of another medium is let in when the last member has another name, and is none any more", () => {
  const system = new FakeSystem();
  const eth0 = system.add("eth0");
  system.add("ib0", { hardwareType: 32 });
  const { group } = running(system, { groups: [{ members: [device("eth0"), device("ib0")] }] });
  assert.deepEqual([group().members.length, group().refused.length], [1, 1]);
  system.change(eth0, { name: "other" });
  assert.deepEqual(
    [group().members.map(({ device: name }) => name), group().refused, group().missing],
    [["ib0"], [], ["eth0"]],
  );
});

test("a link that may not join is refused and not missing; one that is not there is missing", () => {
  const system = new FakeSystem();
  system.add("eth0");
  const eth1 = system.add("eth1", { noArp: true });
  const { group, events } = running(system, {
    groups: [{ members: ["eth0", "eth1", "eth9"].map((name) => device(name)) }],
  });
  const { missing, refused, membersExpected, state } = group();
  assert.deepEqual(
    [missing, refused.map(({ device: name }) => name), membersExpected, state],
    [["eth9"], ["eth1"], 3, "degraded"],
  );
  assert.ok(
    events
      .since()
      .some((event) => event.kind === "group-state" && event.cause === "eth9 does not exist, eth1 may not join"),
  );
  system.change(eth1, { noArp: false });
  assert.deepEqual([group().missing, group().refused, group().membersExpected], [["eth9"], [], 3]);
  system.change(eth1, { name: "other" });
  assert.deepEqual(group().missing, ["eth1", "eth9"]);
});

describe("a member that a pattern found, and that is gone", () => {
  const pattern = { kind: "match", match: /^eth/, standby: false } as const;

  /** eth1 is gone, and a standby stands in for it. */
  function bereft() {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const eth1 = system.add("eth1");
    const reserve = system.add("reserve");
    const told = { groups: [{ members: [pattern, device("reserve", true)] }] };
    const { core, group, advance } = running(system, told);
    system.delete(eth1);
    const shown = () => {
      advance(1);
      core.tick();
      const { state, missing, members } = group();
      return [state, missing, members.map((member) => `${member.device} ${member.state}`)];
    };
    return { system, core, told, eth0, reserve, shown };
  }
  const missed = ["degraded", ["eth1"], ["eth0 active", "reserve active"]];

  test("is missed whatever the groups are planned anew for", () => {
    const { system, eth0, shown } = bereft();
    assert.deepEqual(shown(), missed);
    const gateway = parseIpAddress("192.0.2.1");
    system.setRoutes([{ family: "ipv4", metric: 5, nextHops: [{ ifindex: eth0, gateway, weight: 1, dead: false }] }]);
    assert.deepEqual(shown(), missed);
    system.change(system.add("other"), { masterIfindex: 99 });
    assert.deepEqual(shown(), missed);
    system.loseEvents();
    assert.deepEqual(shown(), missed);
  });

  test("is not missed any more when the configuration is loaded again, nor when it is back", () => {
    const { core, told, shown } = bereft();
    core.reconfigure(configuration(told));
    assert.deepEqual(shown(), ["ok", [], ["eth0 active", "reserve inactive"]]);
    const { system, shown: shownBack } = bereft();
    system.add("eth1");
    assert.deepEqual(shownBack(), ["ok", [], ["eth0 active", "eth1 active", "reserve inactive"]]);
  });

  test("is replaced by no standby when it was one itself", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const first = system.add("reserve0");
    system.add("reserve1");
    const reserve = { kind: "match", match: /^reserve/, standby: true } as const;
    const { group } = running(system, { groups: [{ members: [device("eth0"), reserve] }] });
    system.delete(first);
    const { missing, members } = group();
    assert.deepEqual([missing, members.map(({ state }) => state)], [["reserve0"], ["active", "inactive"]]);
  });

  test("is one of the last thousand that went", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const { group } = running(system, { groups: [{ members: [pattern] }] });
    for (let n = 1; n <= 1_001; n++) system.delete(system.add(`eth${n}`));
    const { missing } = group();
    assert.deepEqual([missing.length, missing.includes("eth1"), missing.includes("eth1001")], [1_000, false, true]);
  });
});

describe("the time of the last change", () => {
  test("of the table of interfaces and of that of layers is that of the last row that came or went", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const eth1 = system.add("eth1");
    const { core, advance } = running(system, { groups: [{ members: [device("eth0")] }] });
    const times = () => {
      advance(1);
      const { tableLastChange, stackLastChange } = core.snapshots.within(0n);
      return { table: tableLastChange, stack: stackLastChange };
    };
    const reload = (...groups: NonNullable<Told["groups"]>) => {
      core.reconfigure(configuration({ groups }));
      return times();
    };
    const first = times();
    assert.deepEqual(times(), first);
    const joined = reload({ members: [device("eth0"), device("eth1")] });
    assert.ok(joined.table > first.table && joined.stack > first.stack, "a member joined");
    const added = reload({ members: [device("eth0"), device("eth1")] }, { name: "other", members: [device("none")] });
    assert.ok(added.table > joined.table && added.stack > joined.stack, "a group came that has no member");
    const { ifindex } = core.snapshots.within(0n).groups.find(({ name }) => name === "other") ?? {};
    system.tell({ kind: "link", link: aLink("late", ifindex ?? 0), counters: undefined });
    const renumbered = times();
    assert.ok(renumbered.table > added.table && renumbered.stack > added.stack, "a group has another ifIndex");
    system.setRunning(eth1, false);
    assert.deepEqual(times(), renumbered);
  });
});

describe("the ifIndex of a group", () => {
  const told = { groups: [{ members: [device("eth0")] }] };

  test("is never that of a link, whenever the link comes", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const { events, group } = running(system, told);
    const first = group().ifindex;
    system.tell({ kind: "link", link: aLink("late", first), counters: undefined });
    const second = group().ifindex;
    assert.notEqual(second, first);
    assert.deepEqual(
      events.since().flatMap((event) => (event.kind === "group-renumbered" ? [[event.ifindex, event.cause]] : [])),
      [[second, `late has ifIndex ${first}`]],
    );
  });

  test("stays when other links come", () => {
    const system = new FakeSystem();
    system.add("eth0");
    const { group } = running(system, told);
    const first = group().ifindex;
    system.add("eth1");
    assert.equal(group().ifindex, first);
  });
});

describe("the speed of a member", () => {
  test("is asked for again once a minute at most, and only that of members", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    system.add("other");
    const { group, advance } = running(system, { groups: [{ members: [device("eth0")] }] });
    for (let second = 0; second < 130; second++) {
      advance(1);
      group();
    }
    assert.deepEqual(system.askedAgain, [[eth0], [eth0]]);
  });

  test("follows what the source says of it", () => {
    const system = new FakeSystem();
    const eth0 = system.add("eth0");
    const { group } = running(system, { groups: [{ members: [device("eth0")] }] });
    system.tell({ kind: "speed", ifindex: eth0, speedBitsPerSecond: 10e9 });
    assert.equal(group().members[0]?.link.attributes.speedBitsPerSecond, 10e9);
    assert.equal(group().capacity?.bitsPerSecond, 10e9);
    system.tell({ kind: "speed", ifindex: 99, speedBitsPerSecond: 1 }); // gone meanwhile
  });
});

test("what a bond would carry without a slave is reckoned by the speeds that were told last", () => {
  const system = new FakeSystem();
  const aggregate = { ...NO_AGGREGATE, mode: "balance-rr" } as const;
  const bond = system.add("bond0", { kind: "bond", hasDevice: false, aggregate, speedBitsPerSecond: 2e9 });
  const slave = { masterIfindex: bond, masterName: "bond0", port: A_PORT };
  const eth0 = system.add("eth0", slave);
  system.add("eth1", slave);
  const { core } = running(system, { groups: [{ members: [device("bond0")] }] });
  const supposed = () => {
    const outcome = core.suppose(["eth1"]);
    return outcome.kind === "supposed" && outcome.snapshot.groups.find(({ name }) => name === "ipmp0")?.capacity;
  };
  assert.deepEqual(supposed(), { bitsPerSecond: 1e9, withoutLargestBitsPerSecond: 0 });
  system.tell({ kind: "speed", ifindex: eth0, speedBitsPerSecond: 10e9 });
  assert.deepEqual(supposed(), { bitsPerSecond: 10e9, withoutLargestBitsPerSecond: 0 });
});

describe("a data address", () => {
  const address = (ifindex: number, text: string) => ({
    ifindex,
    family: "ipv4" as const,
    address: text,
    prefixLength: 24,
    tentative: false,
    duplicate: false,
  });

  test("is shown with the links that have it, beside the member that IPMP would bind it to", () => {
    const system = new FakeSystem();
    const [, eth1] = [system.add("eth0"), system.add("eth1")];
    system.addressList = [address(eth1, "192.0.2.10")];
    const { group } = running(system, {
      groups: [
        {
          members: [device("eth0")],
          addresses: ["192.0.2.10", "192.0.2.11"].flatMap((text) => parseIpAddress(text) ?? []),
        },
      ],
    });
    assert.deepEqual(
      group().addresses?.map(({ address: text, up, inbound, heldBy }) => [text, up, inbound, heldBy]),
      [
        ["192.0.2.10", true, "eth0", ["eth1"]],
        ["192.0.2.11", true, "eth0", []],
      ],
    );
  });
});

test("a link that was refused is refused no more once the group does not mean it", () => {
  const system = new FakeSystem();
  system.add("eth0");
  const ib0 = system.add("ib0", { hardwareType: 32 });
  const groups = [{ members: [device("eth0"), device("ib0")] }];
  const { core, group } = running(system, { groups });
  const told = () => [group().refused.map(({ device: name }) => name), group().missing];
  system.change(ib0, { name: "other" });
  assert.deepEqual(told(), [[], ["ib0"]]);
  system.change(ib0, { name: "ib0" });
  assert.deepEqual(told(), [["ib0"], []]);
  core.reconfigure(configuration({ groups: [{ members: [device("eth0")] }] }));
  assert.deepEqual(told(), [[], []]);
});
