import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defaultGroupRule, findDefaultGroup, type Uplinks } from "#src/membership/default-route.js";
import { assign, type GroupRule } from "#src/membership/rule.js";

const link = (name: string, ifindex = 1, loopback = false) => ({ source: "local", name, ifindex, loopback });

describe("assign()", () => {
  const rules: GroupRule[] = [
    { group: "a", members: [{ kind: "device", device: "eth0", standby: true }] },
    { group: "b", members: [{ kind: "match", match: /^eth/, standby: false }] },
    { group: "c", members: [{ kind: "ifindex", ifindex: 7, standby: false }] },
  ];

  test("takes the first rule that applies", () => {
    assert.deepEqual(assign(rules, link("eth0")), { group: "a", standby: true });
    assert.deepEqual(assign(rules, link("eth1")), { group: "b", standby: false });
    assert.deepEqual(assign(rules, link("wan", 7)), { group: "c", standby: false });
    assert.equal(assign(rules, link("wan", 8)), undefined);
  });

  test("matches the loopback only by name", () => {
    const all: GroupRule[] = [{ group: "all", members: [{ kind: "match", match: /./, standby: false }] }];
    assert.equal(assign(all, link("lo", 1, true)), undefined);
    const named: GroupRule[] = [{ group: "all", members: [{ kind: "device", device: "lo", standby: false }] }];
    assert.equal(assign(named, link("lo", 1, true))?.group, "all");
  });
});

describe("findDefaultGroup()", () => {
  const uplinks = (routes: number[][], down: number[] = []): Uplinks => ({
    routes,
    links: [1, 2, 3].map((ifindex) => ({ ifindex, hasDevice: ifindex < 3, running: !down.includes(ifindex) })),
  });
  const members = (found: ReturnType<typeof findDefaultGroup>) => found?.members;

  test("prefers the next hops of a multipath route to everything else", () => {
    const found = findDefaultGroup(uplinks([[1, 2], [3]]), undefined, true);
    assert.deepEqual([found?.source, members(found)], ["route", [1, 2]]);
  });

  test("falls back to single routes and then to devices only when nothing is configured", () => {
    assert.deepEqual(members(findDefaultGroup(uplinks([[3]]), undefined, true)), [3]);
    assert.deepEqual(members(findDefaultGroup(uplinks([]), undefined, true)), [1, 2]);
    assert.equal(findDefaultGroup(uplinks([[3]]), undefined, false), undefined);
  });

  test("keeps an uplink that lost its route together with its carrier, and lets a healthy one go", () => {
    const before = findDefaultGroup(uplinks([[1, 2, 3]]), undefined, true);
    assert.deepEqual(members(findDefaultGroup(uplinks([[1, 2]], [3]), before, true))?.toSorted(), [1, 2, 3]);
    assert.deepEqual(members(findDefaultGroup(uplinks([[1, 2]]), before, true)), [1, 2]);
  });

  test("keeps its members when all routes are gone", () => {
    const before = findDefaultGroup(uplinks([[1, 2]]), undefined, false);
    assert.deepEqual(members(findDefaultGroup(uplinks([], [1, 2]), before, false)), [1, 2]);
  });

  test("makes a rule by ifindex", () => {
    const found = findDefaultGroup(uplinks([[1, 2]]), undefined, false);
    assert.ok(found);
    assert.equal(assign([defaultGroupRule(found)], link("anything", 2))?.group, "default");
  });
});
