/** Activation, deactivation, and the retry when there is no memory. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { illActivate, illDeactivate } from "#src/ipmp/activation.js";
import { PHYI } from "#src/ipmp/flags.js";
import { illIsActive } from "#src/ipmp/ill.js";
import { Ire, ireAdd } from "#src/ipmp/ire.js";
import { phyintLeaveGrp } from "#src/ipmp/membership.js";
import { Ncec, nceAdd, ncecAdd } from "#src/ipmp/neighbour.js";
import { PreconditionError } from "#src/ipmp/panic.js";
import {
  illRefreshActive,
  illRefreshActiveTimer,
  illRefreshActiveTimerStart,
  illTryRefreshActive,
  phyintRefreshActive,
  REFRESH_RETRY_SECONDS,
} from "#src/ipmp/refresh.js";
import { Lan, present, up } from "./lan.ts";

/** A member that ought to be active and is not. */
function ready() {
  const lan = new Lan();
  const group = lan.group("ipmp0");
  const member = lan.member("A", group);
  const ill = present(member.v4);
  up(lan.ipif("A0", ill));
  lan.effects.take();
  return { lan, group, illgrp: present(group.v4), member, ill };
}

describe("illIsActive", () => {
  test("needs an address up and none of FAILED, OFFLINE, INACTIVE; RUNNING plays no part", () => {
    const { ill, member } = ready();
    assert.equal(illIsActive(ill), true);
    for (const flag of [PHYI.FAILED, PHYI.OFFLINE, PHYI.INACTIVE]) {
      member.flags = flag | PHYI.RUNNING;
      assert.equal(illIsActive(ill), false);
    }
    member.flags = PHYI.STANDBY;
    assert.equal(illIsActive(ill), true);
    ill.ipifUpCount = 0;
    assert.equal(illIsActive(ill), false);
  });
});

describe("illActivate", () => {
  test("keeps the link-down note and sends link-up after everything else", () => {
    const { lan, group, illgrp, ill } = ready();
    lan.data("d1", group);
    assert.equal(illActivate(ill), true);
    assert.deepEqual(lan.effects.take(), ["initial d1 A", "put ipmp0/v4 LINK_UP"]);
    assert.equal(group.linkdownmp?.note, "DL_NOTE_LINK_DOWN");
    assert.deepEqual([group.nactif, illgrp.nactif, illgrp.nextIll, illgrp.castIll], [1, 1, ill, ill]);
  });

  test("fails without memory for either note, throws the other away, and changes nothing", () => {
    for (const [failing, freed] of [
      [1, "LINK_DOWN"],
      [2, "LINK_UP"],
    ] as const) {
      const { lan, group, illgrp, ill } = ready();
      let calls = 0;
      lan.effects.succeeds = () => {
        calls++;
        return calls !== failing;
      };
      assert.equal(illActivate(ill), false);
      assert.deepEqual(lan.effects.take(), [`freemsg ${freed}`]);
      assert.deepEqual([group.nactif, illgrp.nactif, illgrp.castIll], [0, 0, undefined]);
      assert.equal(calls, 2);
    }
  });

  test("needs no memory while an ill of the other family is active, and the last of either sends link-down", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v4", "v6"]);
    const member = lan.member("A", group, { families: ["v4", "v6"] });
    up(lan.ipif("A4", present(member.v4)));
    up(lan.ipif("A6", present(member.v6), "fe80:0:0:0:0:0:0:1"));
    illRefreshActive(present(member.v4));
    lan.effects.failing.push("ip_dlnotify_alloc");
    illRefreshActive(present(member.v6));
    assert.equal(group.nactif, 2);
    lan.effects.take();
    member.flags |= PHYI.FAILED;
    phyintRefreshActive(member);
    assert.equal(lan.effects.take().at(-1), "put ipmp0/v6 LINK_DOWN");
    assert.equal(group.nactif, 0);
  });
});

describe("illDeactivate", () => {
  test("drops handles, neighbours and cloned routes, and sends the note put by", () => {
    const { lan, group, illgrp, ill } = ready();
    illActivate(ill);
    const meta = present(group.phyint.v4);
    const ncec = new Ncec("n", meta, "192.0.2.9", "", 0, "ND_REACHABLE");
    ncecAdd(ncec);
    nceAdd(ill, ncec);
    for (const type of ["IRE_IF_CLONE", "IRE_HOST"] as const) ireAdd(new Ire(type, ill, type, false));
    lan.effects.take();
    illDeactivate(ill);
    assert.deepEqual(lan.effects.take(), [
      "nce_delete A 192.0.2.9",
      "ncec_delete n",
      "ire_walk A MATCH_IRE_TYPE",
      "ire_delete IRE_IF_CLONE",
      "put ipmp0/v4 LINK_DOWN",
    ]);
    assert.deepEqual([illgrp.castIll, illgrp.nextIll, group.linkdownmp], [undefined, undefined, undefined]);
  });

  test("keeps the meta-interface's neighbours while another member of the family is active", () => {
    const { lan, group, ill } = ready();
    illActivate(ill);
    const other = lan.member("B", group);
    up(lan.ipif("B0", present(other.v4)));
    phyintRefreshActive(other);
    ncecAdd(new Ncec("n", present(group.phyint.v4), "192.0.2.9", "", 0, "ND_REACHABLE"));
    lan.effects.take();
    illDeactivate(ill);
    assert.deepEqual(lan.effects.take(), ["ire_walk A MATCH_IRE_TYPE"]);
  });
});

describe("illTryRefreshActive", () => {
  test("is false only when activation failed", () => {
    const { lan, illgrp, member, ill } = ready();
    lan.effects.failing.push("ip_dlnotify_alloc");
    assert.equal(illTryRefreshActive(ill), false);
    assert.equal(illTryRefreshActive(ill), true);
    assert.equal(illTryRefreshActive(ill), true);
    assert.deepEqual(illgrp.actif, [ill]);
    member.flags |= PHYI.INACTIVE;
    assert.equal(illTryRefreshActive(ill), true);
    assert.deepEqual(illgrp.actif, []);
    assert.throws(() => illTryRefreshActive(present(new Lan().phyint("net0").v4)), PreconditionError);
  });
});

describe("the retry", () => {
  test("illRefreshActive arms it for 120 seconds when activation failed", () => {
    const { lan, ill } = ready();
    lan.effects.failing.push("ip_dlnotify_alloc");
    illRefreshActive(ill);
    assert.equal(lan.effects.take().at(-1), "timeout A/v4 120");
    assert.equal(REFRESH_RETRY_SECONDS, 120);
    assert.notEqual(ill.refreshTid, 0);
  });

  test("illRefreshActiveTimerStart arms nothing twice, and nothing for the condemned", () => {
    const { lan, ill } = ready();
    illRefreshActiveTimerStart(ill);
    illRefreshActiveTimerStart(ill);
    assert.deepEqual(lan.effects.take(), ["timeout A/v4 120"]);
    ill.refreshTid = 0;
    ill.condemned = true;
    illRefreshActiveTimerStart(ill);
    assert.deepEqual(lan.effects.take(), []);
  });

  test("illRefreshActiveTimer activates", () => {
    const { lan, illgrp, ill } = ready();
    ill.refreshTid = 7;
    illRefreshActiveTimer(ill);
    assert.deepEqual(illgrp.actif, [ill]);
    assert.equal(ill.refreshTid, 0);
    assert.deepEqual(lan.effects.take(), ["ipsq_try_enter A/v4 true", "put ipmp0/v4 LINK_UP"]);
  });

  test("illRefreshActiveTimer is armed again when it could not enter, or activation failed", () => {
    for (const point of ["ipsq_try_enter", "ip_dlnotify_alloc"] as const) {
      const { lan, illgrp, ill } = ready();
      ill.refreshTid = 7;
      lan.effects.failing.push(point);
      illRefreshActiveTimer(ill);
      assert.equal(lan.effects.take().at(-1), "timeout A/v4 120");
      assert.deepEqual(illgrp.actif, []);
    }
  });

  test("illRefreshActiveTimer of a condemned ill does nothing but forget its id", () => {
    const { lan, ill } = ready();
    ill.refreshTid = 7;
    ill.condemned = true;
    illRefreshActiveTimer(ill);
    assert.equal(ill.refreshTid, 0);
    assert.deepEqual(lan.effects.take(), []);
  });

  test("leaving cancels it and keeps its id, so it is never armed again before something else refreshes", () => {
    const { lan, group, member, ill } = ready();
    lan.effects.failing.push("ip_dlnotify_alloc");
    illRefreshActive(ill);
    lan.effects.take();
    phyintLeaveGrp(member);
    assert.equal(lan.effects.take()[0], "untimeout A/v4");
    lan.effects.failing.push("ip_dlnotify_alloc", "ip_dlnotify_alloc"); // the MTU's note, then the link-up
    lan.join(member, group);
    assert.ok(!lan.effects.take().some((line) => line.startsWith("timeout")));
    assert.equal(group.nactif, 0);
    phyintRefreshActive(member);
    assert.equal(group.nactif, 1);
  });
});

describe("phyintRefreshActive", () => {
  test("looks at the v4 ill and then at the v6 ill", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v4", "v6"]);
    const member = lan.member("A", group, { families: ["v4", "v6"] });
    for (const [family, addr] of [
      ["v4", "0.0.0.0"],
      ["v6", "fe80:0:0:0:0:0:0:1"],
    ] as const)
      up(lan.ipif(`A${family}`, present(member[family]), addr));
    lan.effects.take();
    phyintRefreshActive(member);
    assert.deepEqual(lan.effects.take(), ["put ipmp0/v4 LINK_UP"]);
    assert.equal(group.nactif, 2);
  });
});
