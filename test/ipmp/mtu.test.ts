/** The group's MTU. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { phyintLeaveGrp } from "#src/ipmp/membership.js";
import { illgrpRefreshMtu, illgrpSetMtu } from "#src/ipmp/mtu.js";
import { Lan, present } from "./lan.ts";

describe("the group's MTU", () => {
  test("is the least of its members'", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    assert.equal(illgrp.mtu, 68);
    const jumbo = lan.member("A", group, { mtu: 9000 });
    assert.equal(illgrp.mtu, 9000);
    const small = lan.member("B", group, { mtu: 1500 });
    assert.equal(illgrp.mtu, 1500);
    const late = lan.member("C", group, { mtu: 9000 });
    assert.equal(illgrp.mtu, 1500);
    phyintLeaveGrp(small);
    assert.equal(illgrp.mtu, 9000);
    present(jumbo.v4).mtu = 1400;
    illgrpRefreshMtu(illgrp);
    assert.equal(illgrp.mtu, 1400);
    assert.equal(group.phyint.v4?.mtu, 1400);
    phyintLeaveGrp(jumbo);
    phyintLeaveGrp(late);
    assert.equal(illgrp.mtu, 68);
  });

  test("is at least 1280 for IPv6, though only a refresh looks at that", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v6"]);
    const illgrp = present(group.v6);
    assert.equal(illgrp.mtu, 1280);
    lan.member("A", group, { mtu: 1200, families: ["v6"] });
    assert.equal(illgrp.mtu, 1200);
    illgrpRefreshMtu(illgrp);
    assert.equal(illgrp.mtu, 1280);
  });

  test("is announced by the first member even when it is no other", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.member("A", group, { mtu: 68 });
    assert.deepEqual(
      lan.effects.take().filter((line) => line.startsWith("put")),
      ["put ipmp0/v4 SDU_SIZE 68"],
    );
  });

  test("is not announced again by a refresh that finds it the same", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.member("A", group);
    lan.effects.take();
    illgrpRefreshMtu(present(group.v4));
    assert.deepEqual(lan.effects.take(), []);
  });

  test("takes 0 for no MTU at all, so a later member overrides it", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    const first = present(lan.member("A", group, { mtu: 0 }).v4);
    const second = present(lan.member("B", group, { mtu: 1500 }).v4);
    illgrpRefreshMtu(illgrp);
    assert.equal(illgrp.mtu, 1500);
    first.mtu = 1500;
    second.mtu = 0;
    illgrpRefreshMtu(illgrp);
    assert.equal(illgrp.mtu, 68);
  });

  test("illgrpSetMtu remembers it only if it could be announced, so that the next refresh tries again", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    lan.member("A", group);
    lan.effects.failing.push("ip_dlnotify_alloc");
    illgrpSetMtu(illgrp, 900);
    assert.equal(illgrp.mtu, 1500);
    assert.equal(group.phyint.v4?.mtu, 1500);
    illgrpSetMtu(illgrp, 900);
    assert.equal(illgrp.mtu, 900);
    illgrpRefreshMtu(illgrp);
    assert.equal(illgrp.mtu, 1500);
  });
});
