import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AggregateCandidate, aggregateRule, findAggregates } from "#src/membership/aggregates.js";
import { assign, type GroupRule } from "#src/membership/rule.js";

type Kind = "bond" | "team";

function master(ifindex: number, kind: Kind, more: Partial<AggregateCandidate> = {}): AggregateCandidate {
  return { ifindex, adminUp: true, masterIfindex: undefined, aggregate: { kind }, ...more };
}

function link(ifindex: number, masterIfindex?: number): AggregateCandidate {
  return { ifindex, adminUp: true, masterIfindex };
}

const BOTH = { bond: true, team: true };
const found = (links: AggregateCandidate[], kinds = BOTH, known: number[] = []) =>
  findAggregates(links, kinds, new Set(known)).map(({ ifindex }) => ifindex);

describe("bonds and teams among the links", () => {
  test("are found by kind", () => {
    const links = [link(1), master(2, "bond"), master(3, "team")];
    assert.deepEqual(found(links), [2, 3]);
    assert.deepEqual(found(links, { bond: false, team: true }), [3]);
    assert.deepEqual(found(links, { bond: true, team: false }), [2]);
  });

  test("that are down and empty are none, until they have had a link", () => {
    const idle = master(2, "bond", { adminUp: false });
    assert.deepEqual(found([link(1), idle]), []);
    assert.deepEqual(found([link(1, 2), idle]), [2]);
    assert.deepEqual(found([link(1), idle], BOTH, [2]), [2]);
  });
});

describe("the rule of a bond", () => {
  const candidate = (masterIfindex?: number) => ({
    source: "local",
    ifindex: 9,
    name: "eth0",
    loopback: false,
    masterIfindex,
  });

  test("takes the links whose master it is", () => {
    const rules = [aggregateRule("bond0", 2)];
    assert.deepEqual(assign(rules, candidate(2)), { group: "bond0", standby: false, named: false });
    assert.equal(assign(rules, candidate(3)), undefined);
    assert.equal(assign(rules, candidate()), undefined);
  });

  test("gives way to a group that names the link", () => {
    const named: GroupRule = { group: "mine", members: [{ kind: "device", device: "eth0", standby: false }] };
    assert.equal(assign([named, aggregateRule("bond0", 2)], candidate(2))?.group, "mine");
  });
});
