import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defaultGroupRule, findUplinks, type UplinkFacts } from "#src/membership/default-route.js";
import { countedTwice } from "#src/membership/counted-twice.js";
import { assign, type GroupRule } from "#src/membership/rule.js";

const link = (name: string, ifindex = 1, loopback = false) => ({ source: "local", name, ifindex, loopback });

describe("assign()", () => {
  const rules: GroupRule[] = [
    { group: "a", members: [{ kind: "device", device: "eth0", standby: true }] },
    { group: "b", members: [{ kind: "match", match: /^eth/, standby: false }] },
    { group: "c", members: [{ kind: "ifindex", ifindex: 7, standby: false }] },
  ];

  test("takes the first rule that applies", () => {
    assert.deepEqual(assign(rules, link("eth0")), { group: "a", standby: true, named: true });
    assert.deepEqual(assign(rules, link("eth1")), { group: "b", standby: false, named: false });
    assert.deepEqual(assign(rules, link("wan", 7)), { group: "c", standby: false, named: false });
    assert.equal(assign(rules, link("wan", 8)), undefined);
  });

  test("knows a link by each of its names", () => {
    assert.equal(assign(rules, { ...link("enp3s0"), altNames: ["wan", "eth0"] })?.group, "a");
    assert.equal(assign(rules, { ...link("enp3s0"), altNames: ["wan", "eth7"] })?.group, "b");
    assert.equal(assign(rules, { ...link("enp3s0"), altNames: ["wan"] }), undefined);
  });

  test("matches the loopback only by name", () => {
    const all: GroupRule[] = [{ group: "all", members: [{ kind: "match", match: /./, standby: false }] }];
    assert.equal(assign(all, link("lo", 1, true)), undefined);
    const named: GroupRule[] = [{ group: "all", members: [{ kind: "device", device: "lo", standby: false }] }];
    assert.equal(assign(named, link("lo", 1, true))?.group, "all");
  });
});

describe("findUplinks()", () => {
  /** Links 1, 2 and 3, of which 3 has no device; each route is a metric and its next hops. */
  const uplinks = (routes: [number, ...number[]][], down: number[] = []): UplinkFacts => ({
    routes: routes.map(([metric, ...hops]) => ({
      family: "ipv4",
      metric,
      nextHops: hops.map((ifindex) => ({ ifindex, weight: 1, dead: false })),
    })),
    links: [1, 2, 3].map((ifindex) => ({ ifindex, hasDevice: ifindex < 3, running: !down.includes(ifindex) })),
  });
  const members = (found: ReturnType<typeof findUplinks>) => found?.members;
  const anything = { fallback: true, keepWithdrawn: true };
  const multipathOnly = { fallback: false, keepWithdrawn: true };

  test("prefers the next hops of a multipath route to everything else", () => {
    const found = findUplinks(uplinks([[0, 1, 2]]), undefined, anything);
    assert.deepEqual([found?.source, members(found)], ["route", [1, 2]]);
  });

  test("takes the worse routes of the same family for their reserve, not those of another family", () => {
    const found = findUplinks(
      uplinks([
        [10, 3],
        [0, 1, 2],
      ]),
      undefined,
      multipathOnly,
    );
    assert.deepEqual([found?.source, members(found)], ["route", [1, 2, 3]]);
    const { routes, links } = uplinks([[0, 1, 2]]);
    const other = { family: "ipv6", metric: 1, nextHops: [{ ifindex: 3, weight: 1, dead: false }] } as const;
    assert.deepEqual(members(findUplinks({ routes: [...routes, other], links }, undefined, anything)), [1, 2]);
  });

  test("falls back to single routes and then to devices only when nothing is configured", () => {
    assert.deepEqual(members(findUplinks(uplinks([[0, 3]]), undefined, anything)), [3]);
    assert.deepEqual(members(findUplinks(uplinks([]), undefined, anything)), [1, 2]);
    assert.equal(findUplinks(uplinks([[0, 3]]), undefined, multipathOnly), undefined);
  });

  test("keeps an uplink that lost its route together with its carrier, and one that was withdrawn", () => {
    const before = findUplinks(uplinks([[0, 1, 2, 3]]), undefined, anything);
    assert.deepEqual(members(findUplinks(uplinks([[0, 1, 2]], [3]), before, anything))?.toSorted(), [1, 2, 3]);
    assert.deepEqual(members(findUplinks(uplinks([[0, 1, 2]]), before, anything))?.toSorted(), [1, 2, 3]);
    assert.deepEqual(members(findUplinks(uplinks([[0, 1]]), before, anything))?.toSorted(), [1, 2, 3]);
  });

  test("lets one that was withdrawn go when the configuration is loaded again, and one without carrier not", () => {
    const before = findUplinks(uplinks([[0, 1, 2, 3]]), undefined, anything);
    const again = { fallback: true, keepWithdrawn: false };
    assert.deepEqual(members(findUplinks(uplinks([[0, 1, 2]]), before, again)), [1, 2]);
    assert.deepEqual(members(findUplinks(uplinks([[0, 1, 2]], [3]), before, again))?.toSorted(), [1, 2, 3]);
  });

  test("follows routes that lead over other links altogether", () => {
    const before = findUplinks(uplinks([[0, 1]]), undefined, anything);
    assert.deepEqual(members(findUplinks(uplinks([[0, 2]]), before, anything)), [2]);
  });

  test("drops devices that were taken for want of a route, whatever their links are", () => {
    const before = findUplinks(uplinks([], [2]), undefined, anything);
    assert.deepEqual(members(findUplinks(uplinks([[0, 1]], [2]), before, anything)), [1]);
  });

  test("keeps its members when all routes are gone", () => {
    const before = findUplinks(uplinks([[0, 1, 2]]), undefined, multipathOnly);
    assert.deepEqual(members(findUplinks(uplinks([], [1, 2]), before, multipathOnly)), [1, 2]);
  });

  test("makes a rule by ifindex", () => {
    const found = findUplinks(uplinks([[0, 1, 2]]), undefined, multipathOnly);
    assert.ok(found);
    assert.equal(assign([defaultGroupRule(found.members)], link("anything", 2))?.group, "default");
  });
});

describe("countedTwice()", () => {
  const uplink = (ifindex: number, more: Partial<UplinkFacts["links"][number]> = {}) => ({
    ifindex,
    hasDevice: true,
    running: true,
    ...more,
  });

  test("finds the virtual function below its master", () =>
    assert.deepEqual(countedTwice([2, 3], [uplink(2), uplink(3, { masterIfindex: 2 })]), [{ ifindex: 3, by: 2 }]));

  test("finds a link that lies on another one, also with one between them", () => {
    const links = [
      uplink(2),
      uplink(3, { kind: "vlan", lowerIfindex: 2 }),
      uplink(4, { kind: "macsec", lowerIfindex: 3 }),
    ];
    assert.deepEqual(countedTwice([2, 4], links), [{ ifindex: 4, by: 2 }]);
  });

  test("finds a port of the switch behind a link, and a tunnel that is bound to a link", () => {
    const links = [
      uplink(2),
      uplink(3, { kind: "dsa", lowerIfindex: 2 }),
      uplink(4, { kind: "vxlan", lowerIfindex: 2 }),
      uplink(5, { kind: "gre" }),
    ];
    assert.deepEqual(countedTwice([2, 3, 4, 5], links), [
      { ifindex: 3, by: 2 },
      { ifindex: 4, by: 2 },
    ]);
  });

  test("leaves alone whose master is no uplink, and the two ends of a veth pair", () => {
    assert.deepEqual(countedTwice([3, 4], [uplink(2), uplink(3, { masterIfindex: 2 }), uplink(4)]), []);
    const pair = [uplink(3, { kind: "veth", lowerIfindex: 4 }), uplink(4, { kind: "veth", lowerIfindex: 3 })];
    assert.deepEqual(countedTwice([3, 4], pair), []);
  });

  test("ends where links lie on each other in a circle", () => {
    const circle = [uplink(3, { masterIfindex: 4 }), uplink(4, { masterIfindex: 3 })];
    assert.deepEqual(countedTwice([3], circle), []);
  });
});
