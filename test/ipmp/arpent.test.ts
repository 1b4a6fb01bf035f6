/** ARP entries on a group, and how proxies follow the active members (QUIRKS 1-5 of the recorded traces). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Arpent,
  illgrpCreateArpent,
  illgrpDestroyArpent,
  illgrpLookupArpent,
  illgrpMarkArpent,
  illgrpRefreshArpent,
} from "#src/ipmp/arpent.js";
import type { Illgrp } from "#src/ipmp/illgrp.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { Lan, present, up } from "./lan.ts";

const MAC_A = "02:00:00:00:00:0a";
const MAC_B = "02:00:00:00:00:0b";
const OTHER = "02:ff:00:00:00:01";

/** A group with an address up and A and B active. */
function twoActive() {
  const lan = new Lan();
  const group = lan.group("ipmp0");
  lan.data("d1", group);
  for (const [name, physAddr] of [
    ["A", MAC_A],
    ["B", MAC_B],
  ] as const) {
    const member = lan.member(name, group, { physAddr });
    up(lan.ipif(`${name}0`, present(member.v4)));
    phyintRefreshActive(member);
  }
  lan.effects.take();
  return { lan, group, illgrp: present(group.v4) };
}

function entry(illgrp: Illgrp, ipaddr: string, lladdr: string, proxyarp: boolean): Arpent {
  return present(illgrpCreateArpent(illgrp, { ipaddr, lladdr, proxyarp, flags: 0 }));
}

describe("ARP entries", () => {
  test("illgrpCreateArpent puts the newest first and replaces one for the same address", () => {
    const { illgrp } = twoActive();
    entry(illgrp, "192.0.2.50", OTHER, false);
    entry(illgrp, "192.0.2.51", OTHER, false);
    const newest = entry(illgrp, "192.0.2.50", MAC_A, true);
    assert.deepEqual(
      illgrp.arpents.map(({ ipaddr, lladdr }) => [ipaddr, lladdr]),
      [
        ["192.0.2.50", MAC_A],
        ["192.0.2.51", OTHER],
      ],
    );
    assert.equal(newest.notified, true);
  });

  test("illgrpCreateArpent changes nothing without memory", () => {
    const { lan, illgrp } = twoActive();
    const old = entry(illgrp, "192.0.2.50", OTHER, false);
    lan.effects.failing.push("kmem_alloc");
    const spec = { ipaddr: "192.0.2.50", lladdr: MAC_A, proxyarp: true, flags: 0 };
    assert.equal(illgrpCreateArpent(illgrp, spec), undefined);
    assert.deepEqual(illgrp.arpents, [old]);
  });

  test("illgrpLookupArpent finds by address, and the first of all without one", () => {
    const { illgrp } = twoActive();
    assert.equal(illgrpLookupArpent(illgrp, undefined), undefined);
    const old = entry(illgrp, "192.0.2.50", OTHER, false);
    const recent = entry(illgrp, "192.0.2.51", OTHER, false);
    assert.equal(illgrpLookupArpent(illgrp, "192.0.2.50"), old);
    assert.equal(illgrpLookupArpent(illgrp, undefined), recent);
    assert.equal(illgrpLookupArpent(illgrp, "192.0.2.52"), undefined);
  });

  test("illgrpDestroyArpent takes one away, and illgrpMarkArpent says that ARP knows one", () => {
    const { illgrp } = twoActive();
    const arpent = entry(illgrp, "192.0.2.50", OTHER, false);
    arpent.notified = false;
    illgrpMarkArpent(illgrp, arpent);
    assert.equal(arpent.notified, true);
    illgrpDestroyArpent(illgrp, arpent);
    assert.deepEqual(illgrp.arpents, []);
  });
});

describe("illgrpRefreshArpent", () => {
  test("spreads the proxies that changed over the active members in turn", () => {
    const { lan, illgrp } = twoActive();
    const third = entry(illgrp, "192.0.2.53", OTHER, true);
    const second = entry(illgrp, "192.0.2.52", OTHER, true);
    const first = entry(illgrp, "192.0.2.51", OTHER, true);
    illgrpRefreshArpent(illgrp);
    assert.deepEqual([first.lladdr, second.lladdr, third.lladdr], [MAC_A, MAC_B, MAC_A]);
    assert.deepEqual(lan.effects.take().slice(0, 3), [
      `nce_add ipmp0 192.0.2.51 ${MAC_A}`,
      `nce_update 192.0.2.51 ${MAC_A}`,
      `nce_add ipmp0 192.0.2.52 ${MAC_B}`,
    ]);
  });

  test("does not move its turn on for an entry that is up to date, so the next is rewritten to the same member", () => {
    const { lan, illgrp } = twoActive();
    const second = entry(illgrp, "192.0.2.52", MAC_B, true);
    entry(illgrp, "192.0.2.51", MAC_A, true);
    illgrpRefreshArpent(illgrp);
    assert.equal(second.lladdr, MAC_A);
    assert.deepEqual(lan.effects.take(), [`nce_add ipmp0 192.0.2.52 ${MAC_A}`, `nce_update 192.0.2.52 ${MAC_A}`]);
  });

  test("adds a static entry again without ever marking it", () => {
    const { lan, illgrp } = twoActive();
    const arpent = entry(illgrp, "192.0.2.51", OTHER, false);
    arpent.notified = false;
    illgrpRefreshArpent(illgrp);
    assert.equal(arpent.notified, false);
    assert.deepEqual(lan.effects.take(), [`nce_add ipmp0 192.0.2.51 ${OTHER}`]);
  });

  test("keeps the copied address and the old mark when no record can be had, and so takes it for up to date next time", () => {
    const { lan, illgrp } = twoActive();
    const arpent = entry(illgrp, "192.0.2.51", OTHER, true);
    lan.effects.failing.push("nce_lookup_then_add");
    illgrpRefreshArpent(illgrp);
    assert.deepEqual([arpent.lladdr, arpent.notified], [MAC_A, true]);
    lan.effects.take();
    illgrpRefreshArpent(illgrp);
    assert.deepEqual(lan.effects.take(), []);
  });

  test("takes the mark from every entry while no address is up on the meta-interface, or nobody is active", () => {
    const { group, illgrp } = twoActive();
    const arpents = [entry(illgrp, "192.0.2.51", OTHER, true), entry(illgrp, "192.0.2.52", OTHER, false)];
    present(group.phyint.v4).ipifUpCount = 0;
    illgrpRefreshArpent(illgrp);
    assert.ok(arpents.every(({ notified }) => !notified));
    present(group.phyint.v4).ipifUpCount = 1;
    for (const arpent of arpents) illgrpMarkArpent(illgrp, arpent);
    illgrp.actif.length = 0;
    illgrpRefreshArpent(illgrp);
    assert.ok(arpents.every(({ notified }) => !notified));
  });
});
