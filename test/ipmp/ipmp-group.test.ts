/** Groups and the hash of their names. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SUNW_DL_IPMP } from "#src/ipmp/ill.js";
import { illgrpUnlinkGrp } from "#src/ipmp/illgrp.js";
import { grpCreate, grpDestroy, grpInfo, grpInsert, grpLookup, grpRemove, grpRename } from "#src/ipmp/ipmp-group.js";
import { EnginePanic, PreconditionError } from "#src/ipmp/panic.js";
import { destroy, init } from "#src/ipmp/stack.js";
import { Lan, present, up } from "./lan.ts";

describe("a stack", () => {
  test("init makes one without groups, and destroy ends only such a one", () => {
    const lan = new Lan();
    const stack = init({ effects: lan.effects, kstats: lan.kstats, now: lan.stack.now });
    assert.equal(stack.groups.size, 0);
    destroy(stack);
    lan.group("ipmp0");
    assert.throws(() => destroy(lan.stack), PreconditionError);
  });
});

describe("grpCreate", () => {
  test("makes a group named as its interface that can be looked up, with its kstat", () => {
    const lan = new Lan();
    const phyint = lan.meta("ipmp0");
    const group = present(grpCreate(lan.stack, "ipmp0", phyint));
    assert.equal(group.name, "ipmp0");
    assert.equal(group.ifname, "ipmp0");
    assert.equal(phyint.grp, group);
    assert.equal(grpLookup(lan.stack, "ipmp0"), group);
    assert.deepEqual(lan.effects.take(), ["kstat_create ipmp0 true"]);
  });

  for (const [point, left] of [
    ["kmem_zalloc", []],
    ["kstat_create", ["kstat_create ipmp0 false"]],
    ["mod_hash_reserve", ["kstat_create ipmp0 true", "kstat_delete ipmp0"]],
  ] as const) {
    test(`leaves nothing behind when ${point} fails`, () => {
      const lan = new Lan();
      const phyint = lan.meta("ipmp0");
      lan.effects.failing.push(point);
      assert.equal(grpCreate(lan.stack, "ipmp0", phyint), undefined);
      assert.deepEqual(lan.effects.take(), left);
      assert.equal(phyint.grp, undefined);
      assert.equal(grpLookup(lan.stack, "ipmp0"), undefined);
      assert.equal(lan.kstats.lookup("ipmp", 0, "ipmp0"), undefined);
      assert.notEqual(grpCreate(lan.stack, "ipmp0", phyint), undefined);
    });
  }

  test("fails under a name whose kstat a renamed group still has", () => {
    const lan = new Lan();
    grpRename(lan.group("ipmp0"), "a");
    assert.equal(grpCreate(lan.stack, "ipmp0", lan.meta("ipmp0")), undefined);
  });

  test("panics under a name that a group got by renaming", () => {
    const lan = new Lan();
    grpRename(lan.group("ipmp0"), "a");
    assert.throws(() => grpCreate(lan.stack, "a", lan.meta("a")), EnginePanic);
  });
});

describe("grpLookup, grpInsert and grpRemove", () => {
  test("grpLookup is exact", () => {
    const lan = new Lan();
    lan.group("ipmp0");
    assert.equal(grpLookup(lan.stack, "ipmp"), undefined);
    assert.equal(grpLookup(lan.stack, "IPMP0"), undefined);
  });

  test("grpInsert panics when the name is taken", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    assert.throws(() => grpInsert(lan.stack, group), EnginePanic);
  });

  test("grpRemove panics when the hash does not have this very group under its name", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    grpRemove(lan.stack, group);
    assert.throws(() => grpRemove(lan.stack, group), EnginePanic);
    lan.stack.groups.set("ipmp0", lan.group("ipmp1"));
    assert.throws(() => grpRemove(lan.stack, group), EnginePanic);
  });
});

describe("grpRename", () => {
  test("changes the group's name and neither the interface's nor the kstat's", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    assert.equal(grpRename(group, "a"), 0);
    assert.equal(grpLookup(lan.stack, "a"), group);
    assert.equal(grpLookup(lan.stack, "ipmp0"), undefined);
    assert.equal(group.ifname, "ipmp0");
    assert.equal(group.ksp?.id.name, "ipmp0");
  });

  test("refuses no name, a taken name, its own name, and a name that there is no memory for", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.group("ipmp1");
    assert.equal(grpRename(group, ""), "EINVAL");
    assert.equal(grpRename(group, "ipmp1"), "EEXIST");
    assert.equal(grpRename(group, "ipmp0"), "EEXIST");
    lan.effects.failing.push("mod_hash_reserve");
    assert.equal(grpRename(group, "b"), "ENOMEM");
    assert.equal(group.name, "ipmp0");
    assert.equal(grpLookup(lan.stack, "ipmp0"), group);
  });

  test("keeps 31 characters of an over-long name, and panics if those are another group's", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const long = "x".repeat(40);
    assert.equal(grpRename(group, long), 0);
    assert.equal(group.name, "x".repeat(31));
    assert.equal(grpLookup(lan.stack, long), undefined);
    const other = lan.group("ipmp1");
    assert.throws(() => grpRename(other, long), EnginePanic);
    assert.equal(grpLookup(lan.stack, "ipmp1"), undefined);
  });
});

describe("grpInfo", () => {
  test("counts joined and promised ills, and names the nominees", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v4", "v6"]);
    const member = lan.member("A", group, { families: ["v4", "v6"] });
    group.pendv4 = 2;
    group.pendv6 = 1;
    up(lan.ipif("A0", present(member.v4)));
    present(group.v4).castIll = present(member.v4);
    present(group.v6).castIll = present(lan.member("B", group, { families: ["v6"] }).v6);
    assert.deepEqual(grpInfo(group), {
      v4: true,
      v6: true,
      nv4: 3,
      nv6: 3,
      mactype: 4,
      grifname: "ipmp0",
      m4ifname: "A",
      m6ifname: "B",
      bcifname: "A",
    });
  });

  test("reports the media type of a meta-interface while nobody is in, even with ills promised", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    group.mactype = 4;
    group.pendv4 = 1;
    const info = grpInfo(group);
    assert.equal(info.mactype, SUNW_DL_IPMP);
    assert.equal(info.v6, false);
    assert.equal(info.m4ifname, "");
  });
});

describe("grpDestroy", () => {
  test("takes the group, its kstat and its name away", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    illgrpUnlinkGrp(present(group.v4));
    grpDestroy(group);
    assert.equal(grpLookup(lan.stack, "ipmp0"), undefined);
    assert.equal(lan.kstats.lookup("ipmp", 0, "ipmp0"), undefined);
    assert.equal(group.phyint.grp, undefined);
    assert.deepEqual(lan.effects.take(), ["kstat_delete ipmp0"]);
  });

  test("panics when the hash does not have it, with its kstat still there", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    group.v4 = undefined;
    grpRemove(lan.stack, group);
    assert.throws(() => grpDestroy(group), EnginePanic);
    assert.deepEqual(lan.effects.take(), []);
  });

  test("panics while an interface is in it, before anything has changed", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.member("A", group);
    lan.effects.take();
    assert.throws(() => grpDestroy(group), EnginePanic);
    assert.deepEqual(lan.effects.take(), []);
    assert.equal(grpLookup(lan.stack, "ipmp0"), group);
  });
});
