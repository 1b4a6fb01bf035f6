/** Who sends: the round over the active members, and the nominee. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NCE_F_MYADDR, Ncec, ncecAdd } from "#src/ipmp/neighbour.js";
import { illgrpSetCast } from "#src/ipmp/nomination.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { illGetXmitIll, illgrpHoldCastIll, illgrpHoldNextIll, illgrpNextIll } from "#src/ipmp/selection.js";
import { Lan, present, up } from "./lan.ts";

function active(...names: string[]) {
  const lan = new Lan();
  const group = lan.group("ipmp0");
  const ills = names.map((name) => {
    const member = lan.member(name, group);
    up(lan.ipif(`${name}0`, present(member.v4)));
    phyintRefreshActive(member);
    return present(member.v4);
  });
  lan.effects.take();
  return { lan, group, illgrp: present(group.v4), ills };
}

describe("selection", () => {
  test("illgrpNextIll goes round, beginning with the last activated", () => {
    const { illgrp } = active("A", "B", "C");
    assert.equal(Array.from("1234", () => illgrpNextIll(illgrp)?.phyint.name).join(""), "CABC");
    assert.equal(illgrpNextIll(active().illgrp), undefined);
  });

  test("illgrpHoldNextIll passes over the condemned, and gives up after one round", () => {
    const { illgrp, ills } = active("A", "B", "C");
    present(ills[2]).condemned = true;
    assert.equal(Array.from("123", () => illgrpHoldNextIll(illgrp)?.phyint.name).join(""), "ABA");
    for (const ill of ills) ill.condemned = true;
    const next = illgrp.nextIll;
    assert.equal(illgrpHoldNextIll(illgrp), undefined);
    assert.equal(illgrp.nextIll, next);
    assert.equal(illgrpHoldNextIll(active().illgrp), undefined);
  });

  test("illgrpHoldCastIll is the nominee unless condemned", () => {
    const { illgrp, ills } = active("A", "B");
    assert.equal(illgrpHoldCastIll(illgrp), ills[0]);
    present(ills[0]).condemned = true;
    assert.equal(illgrpHoldCastIll(illgrp), undefined);
    assert.equal(illgrpHoldCastIll(active().illgrp), undefined);
  });

  test("illGetXmitIll sends unicast in turn and the rest through the nominee", () => {
    const { group, ills } = active("A", "B");
    const [a, b] = ills.map(present);
    assert.equal(illGetXmitIll(present(group.phyint.v4), true), b);
    assert.equal(illGetXmitIll(present(a), true), a);
    assert.equal(illGetXmitIll(present(b), false), a);
  });

  test("illGetXmitIll outside a group is the ill itself, even condemned", () => {
    const ill = present(new Lan().phyint("net0").v4);
    ill.condemned = true;
    assert.equal(illGetXmitIll(ill, true), ill);
    assert.equal(illGetXmitIll(ill, false), ill);
  });
});

describe("illgrpSetCast", () => {
  test("moves multicast if the meta-interface's data link is up, and deletes the old nominee's neighbours but our own", () => {
    const { lan, group, illgrp, ills } = active("A", "B");
    const [a, b] = ills.map(present);
    const from = present(a);
    present(group.phyint.v4).dlUp = true;
    ncecAdd(new Ncec("own", from, "192.0.2.1", "", NCE_F_MYADDR, "ND_REACHABLE"));
    ncecAdd(new Ncec("their", from, "192.0.2.2", "", 0, "ND_REACHABLE"));
    illgrpSetCast(illgrp, b);
    assert.deepEqual(lan.effects.take(), [
      "leave multicast ipmp0/v4",
      "ncec_delete their",
      "recover multicast ipmp0/v4",
    ]);
    assert.deepEqual([from.nomCast, b?.nomCast, illgrp.castIll], [false, true, b]);
  });

  test("leaves without having joined if the data link came up in between", () => {
    const { lan, group, illgrp } = active("A");
    present(group.phyint.v4).dlUp = true;
    illgrpSetCast(illgrp, undefined);
    assert.deepEqual(lan.effects.take(), ["leave multicast ipmp0/v4"]);
    assert.equal(illgrp.castIll, undefined);
  });
});
