/** What receivers are told of things that change, once and again. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { agentCounters } from "#src/exposition/snmp/mibs/agent-counters.js";
import { type Notification, notificationOf } from "#src/exposition/snmp/mibs/notification.js";
import { formatOid } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree } from "#src/exposition/snmp/view/agent-tree.js";
import { MibViews } from "#src/exposition/snmp/view/mib-view.js";
import type { Transition } from "#src/snapshot/event.js";
import type { MemberState, Snapshot } from "#src/snapshot/snapshot.js";
import { Notifier } from "#src/snmp/notifier.js";
import { facts } from "../exposition/snmp/facts.ts";
import { SILENT } from "../support/silent-log.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { eventually } from "../support/wait.ts";

const DAMPING_MS = 300;

const until = (holds: () => boolean): Promise<void> => eventually(holds, () => "not told");

/** ifIndexes of the members of both groups, which they have under any name. */
const IFINDEX: Readonly<Record<string, number>> = { eth0: 10, eth1: 11, eth7: 17 };

/** Two groups of one member each, by other names when told so. */
function twoGroups({ a = "a", eth0 = "eth0" } = {}): Snapshot {
  return aSnapshot({
    groups: [
      { name: a, ifname: "a", members: [{ device: eth0 }] },
      { name: "b", members: [{ device: "eth1" }] },
    ],
    links: [
      { name: eth0, ifindex: 10 },
      { name: "eth1", ifindex: 11 },
    ],
  });
}

/** A notifier over two groups, and what it told: the end of each snmpTrapOID, and the changes that it stands for. */
function notifier(t: TestContext) {
  const views = new MibViews(agentTree(), facts());
  const told: string[] = [];
  const counters = agentCounters();
  const target = {
    name: "a receiver",
    room: Number.POSITIVE_INFINITY,
    notify: (one: Notification) => void told.push(brief(one)),
  };
  const toldAnother: string[] = [];
  /** How many things each look was about. */
  const looks: number[] = [];
  let now = twoGroups();
  const one = new Notifier({
    targets: [
      target,
      {
        name: "another",
        room: Number.POSITIVE_INFINITY,
        notify: (notification) => void toldAnother.push(brief(notification)),
      },
    ],
    states: (transitions) => {
      looks.push(transitions.length);
      return views.of(now);
    },
    dampingMs: DAMPING_MS,
    counters,
    log: SILENT,
  });
  t.after(() => one.close());
  const member = (group: string, device: string, from: MemberState, to: MemberState): void => {
    const { [device]: ifindex = 0 } = IFINDEX;
    one.changed({ kind: "member-state", group, device, source: "local", ifindex, from, to, cause: "a test" });
  };
  const becomes = (next: Snapshot): void => {
    now = next;
  };
  return { one, target, told, toldAnother, counters, member, becomes, looks };
}

function brief({ oid, values = [] }: Notification): string {
  const [changes] = values;
  return `${formatOid(oid.slice(-2))} ${String(changes?.value.value)}`;
}

const GROUP_STATE = "0.1";
const MEMBER_STATE = "0.2";

const LINK_STATE = {
  kind: "link-state",
  group: "a",
  device: "eth0",
  source: "local",
  ifindex: 10,
  cause: "a test",
} as const;

test("the first change is told at once, and those within the damping time in one notification that counts them", async (t) => {
  const { told, member } = notifier(t);
  member("a", "eth0", "active", "failed");
  await until(() => told.length === 1);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`]);
  member("a", "eth0", "failed", "active");
  member("a", "eth0", "active", "failed");
  member("a", "eth0", "failed", "active");
  await until(() => told.length === 2);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`, `${MEMBER_STATE} 3`]);
});

test("a failure and its repair in one turn are told as two changes", async (t) => {
  const { told, member } = notifier(t);
  member("a", "eth0", "active", "failed");
  member("a", "eth0", "failed", "active");
  await until(() => told.length === 1);
  assert.deepEqual(told, [`${MEMBER_STATE} 2`]);
});

test("one thing that flaps holds back no other", async (t) => {
  const { told, member } = notifier(t);
  member("a", "eth0", "active", "failed");
  await until(() => told.length === 1);
  member("b", "eth1", "active", "failed");
  await until(() => told.length === 2);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`, `${MEMBER_STATE} 1`]);
});

test("a hundred changes cost as many looks as notifications", async (t) => {
  const { told, member, looks } = notifier(t);
  for (let change = 0; change < 100; change++) {
    member("a", "eth0", change % 2 === 0 ? "active" : "failed", change % 2 === 0 ? "failed" : "active");
    if (change % 10 === 0) await wait(1);
  }
  await until(() => told.reduce((sum, each) => sum + Number(each.split(" ")[1]), 0) === 100);
  assert.deepEqual(
    looks,
    told.map(() => 1),
  );
});

test("a group that is gone meanwhile is not told of, which is counted, and nor is what nobody is told of", async (t) => {
  const { one, told, member, counters } = notifier(t);
  one.changed({ kind: "group-state", group: "c", ifname: "c", from: "ok", to: "failed", cause: "a test" });
  one.changed({ kind: "group-added", group: "c", cause: "a test" });
  member("b", "eth1", "active", "failed");
  await until(() => told.length === 1);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`]);
  assert.equal(counters.notificationsDropped, 2n); // by each of two targets
});

test("a member that leaves is told of, alone or after what it did before, and that it is back; no other join is", async (t) => {
  const { one, told, member, becomes } = notifier(t);
  const eth0 = { group: "a", device: "eth0", source: "local", ifindex: 10, cause: "a test" } as const;
  one.changed({ kind: "member-joined", ...eth0, device: "eth1", ifindex: 11 });
  member("a", "eth0", "active", "failed");
  await until(() => told.length === 1);
  const whole = twoGroups();
  becomes({
    ...whole,
    groups: whole.groups.map((group) => ({ ...group, members: group.name === "a" ? [] : group.members })),
  });
  member("a", "eth0", "failed", "active");
  one.changed({ kind: "member-left", ...eth0 });
  await until(() => told.length === 2);
  becomes(whole);
  one.changed({ kind: "member-joined", ...eth0, ifindex: 12 });
  one.changed({ kind: "member-joined", ...eth0, ifindex: 13 });
  await until(() => told.length === 3);
  await wait(DAMPING_MS);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`, `${MEMBER_STATE} 2`, `${MEMBER_STATE} 1`]);
});

test("of a member that is made anew at once the leaving is not told after the joining", async (t) => {
  const { one, told, member } = notifier(t);
  const eth0 = { group: "a", device: "eth0", source: "local", cause: "a test" } as const;
  member("a", "eth0", "active", "failed");
  await until(() => told.length === 1);
  one.changed({ kind: "member-left", ...eth0, ifindex: 10 });
  one.changed({ kind: "member-joined", ...eth0, ifindex: 12 });
  await until(() => told.length === 2);
  await wait(2 * DAMPING_MS);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`, `${MEMBER_STATE} 2`]);
});

test("of a member that has left is told which it is, that it left, and of which group", () => {
  const now = twoGroups();
  const [b] = now.groups.filter(({ name }) => name === "b");
  assert.ok(b);
  const eth0 = { device: "eth0", source: "local", ifindex: 10, cause: "link vanished" } as const;
  const view = new MibViews(agentTree(), facts()).of({ ...now, groups: [{ ...b, members: [] }] });
  const said = (transition: Transition) => {
    const { objects = [], values = [] } = notificationOf(transition, 1, view) ?? {};
    const text = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);
    return [
      objects.map((name) => view.tree.objects[view.tree.objectOf(name)]?.name),
      Object.fromEntries(values.map(({ name, value }) => [formatOid(name.slice(-3)), text(value.value)])),
    ];
  };
  const known = { "6.1.0": 1, "6.2.0": "link vanished", "6.3.0": "eth0", "6.4.0": 5 };
  assert.deepEqual(said({ kind: "member-left", group: "b", ...eth0 }), [["ipmpGroupName"], known]);
  assert.deepEqual(said({ kind: "member-left", group: "a", ...eth0 }), [[], { ...known, "6.5.0": "a" }]);
});

test("of a link that has no row is told which it is; one that is gone is down and not present", () => {
  const nobody = { ...twoGroups(), groups: [] };
  const told = (links: Snapshot["links"], to: "up" | "down") => {
    const view = new MibViews(agentTree(), facts()).of({ ...nobody, links });
    const { oid = [], objects = [], values = [] } = notificationOf({ ...LINK_STATE, to }, 1, view) ?? {};
    assert.deepEqual(objects, []);
    return [oid.at(-1), ...values.map(({ name, value }) => `${formatOid(name.slice(-3))} = ${value.value}`)];
  };
  const { links } = twoGroups();
  assert.deepEqual(told(links, "up"), [4, "1.1.10 = 10", "1.8.10 = 1", "6.1.0 = 1"]);
  assert.deepEqual(told(links, "down"), [3, "1.1.10 = 10", "1.8.10 = 2", "6.1.0 = 1"]);
  for (const to of ["up", "down"] as const)
    assert.deepEqual(told([], to), [3, "1.1.10 = 10", "1.8.10 = 6", "6.1.0 = 1"]);
});

test("a member that is renamed within the damping time is told of with the state that it has then", async (t) => {
  const { told, member, becomes } = notifier(t);
  member("a", "eth0", "active", "failed");
  await until(() => told.length === 1);
  member("a", "eth0", "failed", "active");
  becomes(twoGroups({ eth0: "wan0" }));
  await until(() => told.length === 2);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`, `${MEMBER_STATE} 1`]);
});

test("a group that is renamed within the damping time is told of with the state that it has then", async (t) => {
  const { one, told, becomes } = notifier(t);
  const about = { kind: "group-state", ifname: "a", cause: "a test" } as const;
  one.changed({ ...about, group: "a", from: "ok", to: "failed" });
  await until(() => told.length === 1);
  one.changed({ ...about, group: "a", from: "failed", to: "degraded" });
  one.changed({ ...about, group: "renamed", from: "degraded", to: "ok" });
  becomes(twoGroups({ a: "renamed" }));
  await until(() => told.length === 2);
  assert.deepEqual(told, [`${GROUP_STATE} 1`, `${GROUP_STATE} 2`]);
});

test("members of two systems that have one ifIndex are two things, and links of another system are its own affair", async (t) => {
  const { one, told, becomes } = notifier(t);
  const now = aSnapshot({
    groups: [{ name: "a", members: [{ device: "eth0" }, { device: "eth0", source: "host" }] }],
    links: [
      { name: "eth0", ifindex: 10 },
      { name: "eth0", ifindex: 10, source: "host" },
    ],
  });
  becomes(now);
  const about = { group: "a", ifindex: 10, cause: "a test" } as const;
  const theirs = { ...about, device: "host:eth0", source: "host" } as const;
  one.changed({ ...theirs, kind: "link-state", to: "up" });
  one.changed({ ...about, kind: "link-state", device: "eth0", source: "local", to: "down" });
  const failed = { kind: "member-state", from: "active", to: "failed" } as const;
  one.changed({ ...about, ...failed, device: "eth0", source: "local" });
  one.changed({ ...theirs, ...failed });
  await until(() => told.length === 3);
  assert.deepEqual(told, ["5.3 1", `${MEMBER_STATE} 1`, `${MEMBER_STATE} 1`]);
});

test("of another system's member is told which it is and how, and nothing of a row of this host's that has its ifIndex", () => {
  const now = twoGroups();
  const theirs = now.groups.map((group) => ({
    ...group,
    members: group.members.map((one) => ({
      ...one,
      label: `host:${one.device}`,
      state: "failed" as const,
      link: { ...one.link, id: { ...one.link.id, source: "host" } },
    })),
  }));
  const mibView = new MibViews(agentTree(), facts()).of({ ...now, groups: [...now.groups, ...theirs] });
  const about = { group: "a", device: "host:eth0", source: "host", ifindex: 10, cause: "a test" } as const;
  const objects = (transition: Transition) =>
    notificationOf(transition, 1, mibView)?.objects.map(
      (oid) => mibView.tree.objects[mibView.tree.objectOf(oid)]?.name,
    );
  assert.equal(notificationOf({ ...about, kind: "link-state", to: "down" }, 1, mibView), undefined);
  const transition = { ...about, kind: "member-state", from: "active", to: "failed" } as const;
  assert.deepEqual(objects(transition), ["ipmpGroupName"]);
  const [, , member, state] = notificationOf(transition, 1, mibView)?.values ?? [];
  assert.deepEqual(
    [member, state].map((one) => one && formatOid(one.name.slice(-4))),
    ["1.6.3.0", "1.6.4.0"],
  );
  assert.deepEqual(member?.value, { syntax: "OctetString", value: Uint8Array.from(Buffer.from("host:eth0")) });
  assert.deepEqual(state?.value, { syntax: "Integer32", value: 3 });
});

test("changes wait for a target that has no room and add up, and hold back no other", async (t) => {
  const { one, target, told, toldAnother, member } = notifier(t);
  target.room = 0;
  member("a", "eth0", "active", "failed");
  await until(() => toldAnother.length === 1);
  member("a", "eth0", "failed", "active");
  member("b", "eth1", "active", "failed");
  await until(() => toldAnother.length === 3);
  assert.deepEqual(told, []);
  target.room = Number.POSITIVE_INFINITY;
  one.roomAgain();
  await until(() => told.length === 2);
  assert.deepEqual(told, [`${MEMBER_STATE} 2`, `${MEMBER_STATE} 1`]);
});

test("what is looked at is what there is room to tell of, whatever waits beside it", async (t) => {
  const { one, target, told, toldAnother, member, looks } = notifier(t);
  target.room = 0;
  member("a", "eth0", "active", "failed");
  member("b", "eth1", "active", "failed");
  await until(() => toldAnother.length === 2);
  one.changed({ ...LINK_STATE, to: "down" });
  await until(() => toldAnother.length === 3);
  assert.deepEqual(looks, [2, 1]);
  target.room = 1;
  one.roomAgain();
  await until(() => told.length === 3);
  assert.deepEqual(looks, [2, 1, 1, 1, 1]);
});

test("what is gone meanwhile takes up the room of nothing else", async (t) => {
  const { one, target, told, member } = notifier(t);
  target.room = 1;
  one.changed({ kind: "group-state", group: "gone", ifname: "gone", from: "ok", to: "failed", cause: "a test" });
  member("b", "eth1", "active", "failed");
  await until(() => told.length === 1);
  assert.deepEqual(told, [`${MEMBER_STATE} 1`]);
});

test("of what waits for a target that has no room, the oldest is dropped and counted when it is too much", async (t) => {
  const { one, target, told, counters } = notifier(t);
  target.room = 0;
  const about = { kind: "link-state", group: "a", device: "eth", source: "local", cause: "a test" } as const;
  for (let ifindex = 1; ifindex <= 20_003; ifindex++) one.changed({ ...about, ifindex, to: "down" });
  target.room = Number.POSITIVE_INFINITY;
  await until(() => told.length === 20_000);
  assert.equal(counters.notificationsDropped, 6n, "three for each of both targets, as nothing was told in between");
});
