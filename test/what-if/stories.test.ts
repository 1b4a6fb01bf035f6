/**
 * Hosts as people have described them after an outage that two links did not help against: what the program would have said before, and
 * what it says would happen.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { verdictOf } from "#src/wording/verdict.js";
import { configuration } from "../daemon/configuration.ts";
import { A_PORT, NO_AGGREGATE } from "../support/fake-bond.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { NO_HARDWARE } from "../support/no-hardware.ts";

const unsaved = { stateFile: undefined, loaded: { kind: "none" }, system: { boot: "b", namespace: "n" } } as const;

/** The program on that system, and how one group is, or would be. */
function running(system: FakeSystem, ...devices: readonly string[]) {
  let now = 0n;
  const later = () => {
    now += 1_000n;
    return hrtime(now);
  };
  const clock = { now: later, wallMs: () => 1_700_000_000_000 };
  const members = devices.map((device) => ({ kind: "device", device, standby: false }) as const);
  const told = configuration({ groups: devices.length === 0 ? [] : [{ name: "pair", ifname: "pair", members }] });
  const core = new Core({ sources: [system], clock, events: new EventLog(), configuration: told, ...unsaved });
  core.start();
  return (group: string, ...without: readonly string[]) => {
    const answer = without.length === 0 ? undefined : core.suppose(without);
    if (answer?.kind === "unknown") throw new Error(answer.message);
    const snapshot = answer?.snapshot ?? core.snapshots.within(0n);
    const found = snapshot.groups.find(({ name }) => name === group);
    assert.ok(found, `a group ${group}`);
    const { because, warnings } = verdictOf(found, snapshot);
    return { state: found.state, because, warnings, survives: found.fate?.survives ?? {} };
  };
}

function on(pciFunction: string, module: string): Partial<LinkAttributes> {
  return { driver: module, hardware: { ...NO_HARDWARE, pciFunction, module } };
}

describe("two links that did not help", () => {
  test("storage over both ports of one 10G card, which lose their links together after a day", () => {
    const system = new FakeSystem();
    system.add("eth4", on("0000:0a:00.0", "ixgbe"));
    system.add("eth5", on("0000:0a:00.1", "ixgbe"));
    const pair = running(system, "eth4", "eth5");
    assert.deepEqual(pair("pair").warnings, ["both members are on one card (0000:0a:00)"]);
    assert.equal(pair("pair").survives.card, false);
    assert.equal(pair("pair", "eth4").state, "degraded");
    assert.equal(pair("pair", "card=0000:0a:00").state, "failed");
  });

  test("two ports of a board, each a card to PCI, that one driver makes deaf: told, and no warning", () => {
    const system = new FakeSystem();
    system.add("eth0", on("0000:01:00.0", "e1000e"));
    system.add("eth1", on("0000:02:00.0", "e1000e"));
    const pair = running(system, "eth0", "eth1");
    const { warnings, survives } = pair("pair");
    assert.deepEqual(warnings, []);
    assert.deepEqual(survives, { link: true, card: true, driver: false });
    assert.equal(pair("pair", "driver=e1000e").state, "failed");
  });

  /** A bond of two links, and what LLDP tells of the switches behind them. */
  function pairOf(partnerLladdr: string, hasLldp: boolean) {
    const system = new FakeSystem();
    const aggregate = { ...NO_AGGREGATE, mode: "802.3ad", activeAggregator: 1, partnerLladdr } as const;
    const bond = system.add("bond0", { kind: "bond", hasDevice: false, aggregate });
    for (const n of [1, 2]) {
      const neighbour = hasLldp ? { chassis: `44:38:39:00:00:0${n}`, systemName: `leaf${n}`, port: "swp1" } : undefined;
      const port = { ...A_PORT, aggregator: 1, actorState: 0x3d, partnerState: 0x3d };
      system.add(`eth${n}`, { masterIfindex: bond, port, neighbour });
    }
    return running(system);
  }

  test("a bond to two switches that are one to LACP: one is claimed until LLDP tells that they are two", () => {
    const partner = "02:1c:73:00:00:99";
    for (const hasLldp of [false, true]) {
      const group = pairOf(partner, hasLldp);
      assert.equal(group("bond0").survives.switch, hasLldp);
      const lost = hasLldp ? "switch=44:38:39:00:00:01" : `switch=${partner}`;
      assert.equal(group("bond0", lost).state, hasLldp ? "degraded" : "failed");
    }
  });

  test("a bond to a pair whose MAC is set aside for pairs: nothing is claimed until LLDP tells that they are two", () => {
    for (const partner of ["44:38:39:ff:00:01", "00:23:04:ee:be:0a"]) {
      assert.equal(pairOf(partner, false)("bond0").survives.switch, undefined);
      assert.equal(pairOf(partner, true)("bond0").survives.switch, true);
    }
  });

  test("a multipath route to a router that dies while all links stay up", () => {
    const system = new FakeSystem();
    const hops = [0, 1].map((n) => ({
      ifindex: system.add(`up${n}`),
      gateway: `10.0.${n}.1`,
      gatewayLladdr: "02:00:00:00:00:99",
      weight: 1,
      dead: false,
    }));
    system.routes = [{ family: "ipv4", metric: 0, nextHops: hops }];
    const group = running(system);
    assert.deepEqual(group("default").warnings, ["both members lead to one gateway (02:00:00:00:00:99)"]);
    const without = group("default", "gateway=02:00:00:00:00:99");
    assert.equal(without.state, "failed");
    assert.match(without.because, /gateway 02:00:00:00:00:99 is lost, which without probes may not be noticed/);
    for (const address of ["10.0.0.1", "10.0.1.1"])
      assert.equal(group("default", `gateway=${address}`).state, "failed", "by either of its addresses");
  });
});
