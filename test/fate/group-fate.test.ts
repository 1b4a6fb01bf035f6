/** The fate of a group against its definition: take one domain after the other away, and look who is left. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DOMAIN_KINDS, type FailureDomain, isSameDomain } from "#src/fate/failure-domain.js";
import { fateOf } from "#src/fate/group-fate.js";

const domains = fc.uniqueArray(
  fc.record({ kind: fc.constantFrom(...DOMAIN_KINDS), domain: fc.constantFrom("a", "b", "c") }),
  { selector: ({ kind, domain }) => `${kind} ${domain}`, maxLength: 8 },
);
const groups = fc.array(domains, { maxLength: 4 });

function left(members: readonly (readonly FailureDomain[])[], failed: FailureDomain): number {
  return members.filter((own) => !own.some((domain) => isSameDomain(domain, failed))).length;
}

describe("the fate of a group", () => {
  test("shares what leaves nobody when it fails, and nothing else", () => {
    fc.assert(
      fc.property(groups, (members) => {
        const { shared } = fateOf(members);
        for (const domain of members.flat()) {
          const isShared = members.length > 1 && left(members, domain) === 0;
          assert.equal(
            shared.some((other) => isSameDomain(other, domain)),
            isShared,
          );
        }
        for (const domain of shared) assert.equal(left(members, domain), 0);
      }),
    );
  });

  test("survives a kind when each failure of that kind leaves somebody, whatever those that tell nothing depend on", () => {
    fc.assert(
      fc.property(groups, fc.constantFrom(...DOMAIN_KINDS), (members, kind) => {
        const said = fateOf(members).survives[kind];
        const isKind = (domain: FailureDomain) => domain.kind === kind;
        const mute = members.filter((own) => !own.some(isKind)).length;
        const all = members.flat().filter(isKind);
        if (all.length === 0) return assert.equal(said, undefined);
        // Those that tell nothing may all depend on the one that fails, or on none of them.
        const atWorst = all.every((domain) => left(members, domain) > mute);
        const atBest = all.every((domain) => left(members, domain) > 0);
        assert.equal(said, atWorst === atBest ? atBest : undefined);
      }),
    );
  });

  test("of a member that is alone shares nothing, and does not survive", () => {
    const card: FailureDomain = { kind: "card", domain: "0000:3b:00" };
    assert.deepEqual(fateOf([[card]]), { shared: [], survives: { card: false } });
    assert.deepEqual(fateOf([]), { shared: [], survives: {} });
  });

  test("says nothing of what is not told of everybody: one more that is not told may be on another card", () => {
    const card: FailureDomain = { kind: "card", domain: "0000:3b:00" };
    assert.deepEqual(fateOf([[card], [card], []]), { shared: [], survives: {} });
    assert.deepEqual(fateOf([[card], [{ ...card, domain: "0000:5e:00" }], []]).survives, { card: true });
  });

  test("does not tell two switches apart by names of two kinds, nor by the chips of this host's own ports", () => {
    const named = (domain: string, by: FailureDomain["by"]): FailureDomain => ({ kind: "switch", domain, by });
    const survives = (...members: readonly (readonly FailureDomain[])[]) => fateOf(members).survives.switch;
    assert.equal(survives([named("x", "lldp")], [named("p", "lacp")]), undefined);
    assert.equal(survives([named("e1", "chip")], [named("e2", "chip")]), undefined);
    assert.equal(survives([named("e1", "chip"), named("x", "lldp")], [named("e2", "chip")]), undefined);
    assert.equal(survives([named("e1", "chip")], [named("e1", "chip")]), false, "the chip itself may fail");
    assert.equal(survives([named("e1", "chip"), named("x", "lldp")], [named("e2", "chip"), named("x", "lldp")]), false);
    assert.equal(survives([named("x", "lldp"), named("p", "lacp")], [named("p", "lacp")]), false);
    assert.equal(survives([named("x", "lldp")], [named("y", "lldp")], [named("p", "lacp")]), true);
    assert.equal(survives([named("p", "lacp")], [named("q", "lacp")]), true);
  });
});
