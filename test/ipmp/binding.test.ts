/** Which member receives for which address, and how the resolver hears of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { illgrpCreateArpent } from "#src/ipmp/arpent.js";
import {
  illBindIpif,
  illgrpAddIpif,
  illgrpDelIpif,
  illgrpMaxIll,
  illgrpMinIll,
  illUnbindIpif,
  ipifBoundIll,
  ipifHoldBoundIll,
} from "#src/ipmp/binding.js";
import { PHYI } from "#src/ipmp/flags.js";
import type { Ill } from "#src/ipmp/ill.js";
import type { Ipif } from "#src/ipmp/ipif.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { illgrpNextIll } from "#src/ipmp/selection.js";
import { bindings, down, Lan, present, up } from "./lan.ts";

const CHANGES = /^(initial|rebind|unbind|silently)/;

/** A group with five up data addresses and members A, B, C that are usable but held inactive by FAILED. */
function fiveAddresses() {
  const lan = new Lan();
  const group = lan.group("ipmp0");
  const illgrp = present(group.v4);
  const data = new Map<string, Ipif>();
  for (const id of ["d1", "d2", "d3", "d4", "d5"]) data.set(id, lan.data(id, group));
  const members = new Map(
    ["A", "B", "C"].map((name) => {
      const phyint = lan.member(name, group);
      phyint.flags |= PHYI.FAILED;
      up(lan.ipif(`${name}0`, present(phyint.v4)));
      return [name, phyint];
    }),
  );
  lan.effects.take();
  const setFailed = (name: string, failed: boolean) => {
    const phyint = present(members.get(name));
    phyint.flags = failed ? phyint.flags | PHYI.FAILED : phyint.flags & ~PHYI.FAILED;
    phyintRefreshActive(phyint);
  };
  const steps: Record<string, (argument: string) => void> = {
    activate: (name) => setFailed(name, false),
    deactivate: (name) => setFailed(name, true),
    delete: (id) => down(present(data.get(id))),
    add: (id) => data.set(id, lan.data(id, group)),
    pick: (expected) => {
      for (const name of expected) assert.equal(illgrpNextIll(illgrp)?.phyint.name, name);
    },
  };
  return { lan, group, illgrp, data, members, steps };
}

const STEPS = [
  ["activate A", "A[d5 d4 d3 d2 d1]", "A", "A", "initial d1 A, initial d2 A, initial d3 A, initial d4 A, initial d5 A"],
  ["activate B", "A[d3 d2 d1] B[d4 d5]", "A", "B", "unbind d5, rebind d5 B, unbind d4, rebind d4 B"],
  ["activate C", "A[d2 d1] B[d4 d5] C[d3]", "A", "C", "unbind d3, rebind d3 C"],
  ["pick CABCA", "A[d2 d1] B[d4 d5] C[d3]", "A", "B", ""],
  ["deactivate A", "B[d2 d4 d5] C[d1 d3]", "B", "B", "unbind d2, unbind d1, rebind d1 C, rebind d2 B"],
  ["delete d4", "B[d2 d5] C[d1 d3]", "B", "B", ""],
  ["delete d5", "B[d2] C[d1 d3]", "B", "B", ""],
  ["add d6", "B[d6 d2] C[d1 d3]", "B", "B", "silently d6 B"],
  ["deactivate B", "C[d6 d2 d1 d3]", "C", "C", "unbind d6, unbind d2, rebind d2 C, rebind d6 C"],
  ["deactivate C", "", "", "", "unbind d6, unbind d2, unbind d1, unbind d3"],
  ["activate B", "B[d6 d3 d2 d1]", "B", "B", "initial d1 B, initial d2 B, initial d3 B, initial d6 B"],
] as const;

describe("binding", () => {
  test("addresses follow the active members step by step", () => {
    const { lan, group, illgrp, steps } = fiveAddresses();
    assert.equal(bindings(illgrp), "");
    for (const [step, bound, cast, next, resolver] of STEPS) {
      const [verb = "", argument = ""] = step.split(" ");
      present(steps[verb])(argument);
      const changes = lan.effects.take().filter((line) => CHANGES.test(line));
      assert.equal(bindings(illgrp), bound, step);
      assert.equal(illgrp.castIll?.phyint.name ?? "", cast, `${step}: nominee`);
      assert.equal(illgrp.nextIll?.phyint.name ?? "", next, `${step}: next`);
      assert.equal(changes.join(", "), resolver, `${step}: resolver`);
    }
    assert.equal(group.nactif, 1);
  });

  test("the first active member brings the meta-interface up and the last takes it down", () => {
    const { lan, group, steps } = fiveAddresses();
    steps["activate"]?.("A");
    assert.equal(lan.effects.take().at(-1), "put ipmp0/v4 LINK_UP");
    assert.notEqual(group.linkdownmp, undefined);
    steps["activate"]?.("B");
    assert.ok(!lan.effects.take().join().includes("put"));
    steps["deactivate"]?.("A");
    assert.ok(!lan.effects.take().join().includes("put"));
    steps["deactivate"]?.("B");
    assert.equal(lan.effects.take().at(-1), "put ipmp0/v4 LINK_DOWN");
    assert.equal(group.linkdownmp, undefined);
    assert.equal(group.phyint.flags & PHYI.RUNNING, 0);
  });

  test("deleting an address moves one when another member keeps two more", () => {
    const { lan, illgrp, data, steps } = fiveAddresses();
    steps["activate"]?.("A");
    steps["activate"]?.("B");
    assert.equal(bindings(illgrp), "A[d3 d2 d1] B[d4 d5]");
    lan.effects.take();
    down(present(data.get("d4")));
    assert.equal(bindings(illgrp), "A[d2 d1] B[d3 d5]");
    assert.deepEqual(lan.effects.take(), ["unbind d3", "rebind d3 B"]);
  });

  test("an address that is bound nowhere is deleted without effect", () => {
    const { lan, illgrp, data } = fiveAddresses();
    illgrpDelIpif(illgrp, present(data.get("d1")));
    assert.deepEqual(lan.effects.take(), []);
  });

  test("the fewest and the most are the longest active on a tie, and nobody without an active member", () => {
    const { illgrp, steps } = fiveAddresses();
    assert.equal(illgrpMinIll(illgrp), undefined);
    assert.equal(illgrpMaxIll(illgrp), undefined);
    for (const name of ["A", "B", "C"]) steps["activate"]?.(name);
    assert.equal(illgrpMinIll(illgrp)?.phyint.name, "C");
    assert.equal(illgrpMaxIll(illgrp)?.phyint.name, "A");
    steps["delete"]?.("d3");
    steps["delete"]?.("d1");
    steps["delete"]?.("d2");
    assert.equal(bindings(illgrp), "A[d4] B[d5] C[]");
    steps["delete"]?.("d4");
    assert.equal(bindings(illgrp), "A[] B[d5] C[]");
    assert.equal(illgrpMinIll(illgrp)?.phyint.name, "A");
    assert.equal(illgrpMaxIll(illgrp)?.phyint.name, "B");
  });

  test("a new address takes its ARP entry's place and is bound without telling the resolver", () => {
    const { lan, group, illgrp, steps } = fiveAddresses();
    steps["activate"]?.("A");
    const lladdr = "02:aa:00:00:00:01";
    illgrpCreateArpent(illgrp, { ipaddr: "192.0.2.9", proxyarp: false, lladdr, flags: 0 });
    illgrpCreateArpent(illgrp, { ipaddr: "192.0.2.10", proxyarp: false, lladdr, flags: 0 });
    const ipif = lan.ipif("d9", present(group.phyint.v4), "192.0.2.9");
    lan.effects.take();
    assert.equal(illgrpAddIpif(illgrp, ipif)?.phyint.name, "A");
    assert.equal(ipif.bound, true);
    assert.deepEqual(lan.effects.take(), ["silently d9 A"]);
    assert.deepEqual(
      illgrp.arpents.map(({ ipaddr }) => ipaddr),
      ["192.0.2.10"],
    );
  });

  test("without an active member a new address stays unbound", () => {
    const { lan, group, illgrp } = fiveAddresses();
    assert.equal(illgrpAddIpif(illgrp, lan.ipif("d9", present(group.phyint.v4), "192.0.2.9")), undefined);
  });

  test("a refused bind counts, is moved like any other, and its unbinding tells nobody", () => {
    const { lan, illgrp, data, steps } = fiveAddresses();
    lan.effects.failing.push("ipif_resolver_up");
    steps["activate"]?.("A");
    const refused = present(data.get("d1"));
    assert.ok(lan.effects.take().includes("initial d1 A refused"));
    assert.equal(refused.bound, false);
    assert.equal(ipifBoundIll(refused)?.phyint.name, "A");
    assert.equal(illgrp.actif[0]?.boundCnt, 5);
    steps["deactivate"]?.("A");
    assert.deepEqual(
      lan.effects.take().filter((line) => CHANGES.test(line)),
      ["unbind d5", "unbind d4", "unbind d3", "unbind d2"],
    );
  });

  test("an IPv6 address is announced by ND, and a refusal there leaves it unannounced", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v6"]);
    const data = lan.data("d1", group, "v6");
    const member = lan.member("A", group, { families: ["v6"] });
    lan.effects.failing.push("ipif_ndp_up");
    up(lan.ipif("A0", present(member.v6), "fe80:0:0:0:0:0:0:1"));
    phyintRefreshActive(member);
    const lines = lan.effects.take();
    assert.ok(lines.includes("initial d1 A"));
    assert.ok(lines.includes("ndp d1 A true refused"));
    assert.equal(data.bound, false);
    illUnbindIpif(present(member.v6), data, true);
    illBindIpif(present(member.v6), data, "rebind");
    assert.deepEqual(lan.effects.take(), ["rebind d1 A", "ndp d1 A false"]);
    illUnbindIpif(present(member.v6), undefined, true);
    assert.deepEqual(lan.effects.take(), ["ndp down d1"]);
    assert.equal(illUnbindIpif(present(member.v6), undefined, true), undefined);
  });

  test("a hold on the bound member is refused while it is condemned", () => {
    const { data, steps } = fiveAddresses();
    steps["activate"]?.("A");
    const ipif = present(data.get("d2"));
    const ill: Ill = present(ipifHoldBoundIll(ipif));
    ill.condemned = true;
    assert.equal(ipifHoldBoundIll(ipif), undefined);
    assert.equal(ipifBoundIll(ipif), ill);
  });
});
