/** The halves of a group: made, linked, unlinked, destroyed; and finding a member by its link-layer address. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  illgrpCreate,
  illgrpDestroy,
  illgrpFindIll,
  illgrpIpmpIll,
  illgrpLinkGrp,
  illgrpUnlinkGrp,
} from "#src/ipmp/illgrp.js";
import { grpCreate } from "#src/ipmp/ipmp-group.js";
import { PreconditionError } from "#src/ipmp/panic.js";
import { Lan, present } from "./lan.ts";

describe("an illgrp", () => {
  test("illgrpCreate attaches it to the meta-interface with the family's least MTU", () => {
    const lan = new Lan();
    const phyint = lan.meta("ipmp0", ["v4", "v6"]);
    const v4 = present(illgrpCreate(present(phyint.v4)));
    const v6 = present(illgrpCreate(present(phyint.v6)));
    assert.deepEqual([v4.mtu, v6.mtu], [68, 1280]);
    assert.equal(phyint.v4?.grp, v4);
    assert.equal(illgrpIpmpIll(v6), phyint.v6);
    assert.deepEqual(lan.effects.take(), ["put ipmp0/v4 SDU_SIZE 68", "put ipmp0/v6 SDU_SIZE 1280"]);
  });

  test("illgrpCreate gives none without memory, and MTU 0 if only the note could not be had", () => {
    const lan = new Lan();
    const ill = present(lan.meta("ipmp0").v4);
    lan.effects.failing.push("kmem_zalloc");
    assert.equal(illgrpCreate(ill), undefined);
    assert.equal(ill.grp, undefined);
    lan.effects.failing.push("ip_dlnotify_alloc");
    assert.equal(illgrpCreate(ill)?.mtu, 0);
  });

  test("illgrpLinkGrp opens the family for members; doing it again is harmless", () => {
    const lan = new Lan();
    const phyint = lan.meta("ipmp0");
    const group = present(grpCreate(lan.stack, "ipmp0", phyint));
    const illgrp = present(illgrpCreate(present(phyint.v4)));
    illgrpLinkGrp(illgrp, group);
    illgrpLinkGrp(illgrp, group);
    assert.equal(group.v4, illgrp);
    assert.equal(group.v6, undefined);
    assert.throws(() => illgrpLinkGrp(illgrp, lan.group("ipmp1")), PreconditionError);
  });

  test("illgrpUnlinkGrp is EBUSY while an ill has joined or is promised", () => {
    for (const counter of ["nv6", "pendv6"] as const) {
      const group = new Lan().group("ipmp0", ["v4", "v6"]);
      const illgrp = present(group.v6);
      group[counter] = 1;
      assert.equal(illgrpUnlinkGrp(illgrp), "EBUSY");
      assert.equal(group.v6, illgrp);
      assert.equal(illgrpUnlinkGrp(present(group.v4)), 0);
      assert.equal(group.v4, undefined);
      group[counter] = 0;
      assert.equal(illgrpUnlinkGrp(illgrp), 0);
      assert.equal(group.v6, undefined);
    }
  });

  test("illgrpDestroy detaches it, once it is empty and unlinked", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    assert.throws(() => illgrpDestroy(illgrp), PreconditionError);
    lan.member("A", group);
    group.v4 = undefined;
    assert.throws(() => illgrpDestroy(illgrp), PreconditionError);
    illgrp.ills.length = 0;
    illgrpDestroy(illgrp);
    assert.equal(illgrp.ipmpIll.grp, undefined);
  });

  test("illgrpFindIll finds the first member with that address and length, active or not", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    const first = lan.member("A", group, { physAddr: "02:00:00:00:00:aa" });
    lan.member("B", group, { physAddr: "02:00:00:00:00:aa" });
    assert.equal(illgrpFindIll(illgrp, "02:00:00:00:00:aa"), first.v4);
    assert.equal(illgrpFindIll(illgrp, "02:00:00:00:00"), undefined);
    assert.equal(illgrpFindIll(illgrp, ""), undefined);
  });
});
