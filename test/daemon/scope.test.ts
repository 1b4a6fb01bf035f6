/** What transitions tell of is shown in a snapshot of that alone as in one of everything. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { notificationOf, writeNotification } from "#src/exposition/snmp/mibs/notification.js";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { Transition } from "#src/snapshot/event.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { facts } from "../exposition/snmp/facts.ts";
import { FakeBond } from "../support/fake-bond.ts";
import { FakeSystem } from "../support/fake-system.ts";
import { configuration } from "./configuration.ts";
import { PolledSystem } from "./polled-system.ts";

function local(device: string) {
  return { kind: "device", device, standby: false } as const;
}

/** A bond that is a member of a group too, a group of this host and a switch, and a group by itself. */
function world() {
  const system = new FakeSystem();
  const ports = ["eth0", "eth1"].map((name) => system.add(name));
  const bond = new FakeBond(system, "bond0", { mode: "802.3ad" });
  for (const port of ports) bond.enslave(port);
  const lone = ["eth2", "eth3", "eth4", "eth5"].map((name) => system.add(name));
  const device = new PolledSystem("sw1");
  const port = device.behind.add("port1");
  while (device.behind.add("other") < bond.ifindex); // one of them has the bond's ifIndex
  const events = new EventLog();
  let at = 0n;
  const now = () => {
    at += 1_000n;
    return hrtime(at);
  };
  const core = new Core({
    sources: [system, device],
    clock: { now, wallMs: () => 0 },
    events,
    configuration: configuration({
      groups: [
        { name: "uplinks", members: [local("bond0"), local("eth2")] },
        { name: "across", members: [local("eth3"), { ...local("port1"), source: "sw1" }] },
        { name: "apart", members: [local("eth4"), local("eth5")] },
      ],
    }),
    stateFile: undefined,
    loaded: { kind: "none" },
    system: { boot: "b", namespace: "n" },
  });
  core.start();
  device.poll();
  core.snapshots.states();
  return { core, system, device, events, bond, ports, lone, port };
}

const TREE = agentTree();

function notified(transition: Transition, snapshot: Snapshot): string | undefined {
  // The clock of the test goes on with each look.
  const mibView = new MibView(TREE, new MibContext({ ...snapshot, at: snapshot.startedAt }, facts()));
  const notification = notificationOf(transition, 1, mibView);
  if (!notification) return undefined;
  const ber = new BerWriter(4096);
  writeNotification(ber, 0xa7, 1, notification, mibView);
  return Buffer.from(ber.content()).toString("hex");
}

test("each transition is notified of alike, whether the snapshot is of it alone or of everything", () => {
  const { core, system, device, events, bond, ports, lone, port } = world();
  const seen = new Map<string, number>();
  let news: Transition[] = [];
  events.subscribe((transition) => news.push(transition));
  const compare = () => {
    const whole = core.snapshots.states();
    for (const transition of news) {
      seen.set(transition.kind, (seen.get(transition.kind) ?? 0) + 1);
      const part = core.snapshots.about([transition]);
      assert.equal(notified(transition, part), notified(transition, whole), JSON.stringify(transition));
    }
    news = [];
  };
  for (const running of [false, true]) {
    const state = { running, operState: running ? "up" : "down" } as const;
    for (const slave of ports) {
      bond.slaveSays(slave, {}, running);
      compare();
    }
    system.change(bond.ifindex, state);
    compare();
    for (const link of lone) {
      system.change(link, state);
      compare();
    }
    device.behind.change(port, state);
    device.poll();
    compare();
  }
  for (const link of lone.slice(1)) {
    system.delete(link);
    core.tick();
    compare();
  }
  assert.equal(seen.get("member-left"), 3);
  for (const kind of ["link-state", "member-state", "group-state"])
    assert.ok((seen.get(kind) ?? 0) >= 8, `${kind}: ${seen.get(kind)}`);
});

test("a snapshot of what transitions tell of has those groups whole and their links, and no others", () => {
  const { core, bond, lone, port } = world();
  const about = { device: "", cause: "a test", group: "" };
  const of = (...transitions: Transition[]) => {
    const { groups, links } = core.snapshots.about(transitions);
    return [groups.map(({ name }) => name), links.map(({ attributes }) => attributes.name).sort()];
  };
  assert.deepEqual(of(), [[], []]);
  assert.deepEqual(of({ ...about, kind: "member-state", source: "sw1", ifindex: port, from: "active", to: "failed" }), [
    ["across"],
    ["eth3", "port1"],
  ]);
  assert.deepEqual(of({ ...about, kind: "link-state", source: "local", ifindex: lone[2] ?? 0, to: "down" }), [
    ["apart"],
    ["eth4", "eth5"],
  ]);
  assert.deepEqual(of({ ...about, kind: "link-state", source: "sw1", ifindex: bond.ifindex, to: "down" }), [[], []]);
  assert.deepEqual(of({ ...about, kind: "group-state", ifname: "bond0", from: "ok", to: "failed" }), [
    ["bond0"],
    ["bond0", "eth0", "eth1"],
  ]);
  assert.deepEqual(of({ kind: "events-lost", cause: "a test" }), [[], []]);
});
