/** Joining and leaving, for an interface and for each of its families. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { illgrpCreateArpent } from "#src/ipmp/arpent.js";
import { ILLF, PHYI } from "#src/ipmp/flags.js";
import { illGetIpmpIfindex, illHoldIpmpIll } from "#src/ipmp/ill.js";
import { IRE_TYPES, Ire, illIreClearTesthidden, illIreMarkTesthidden, ireAdd } from "#src/ipmp/ire.js";
import { illJoinIllgrp, illLeaveIllgrp, phyintJoinGrp, phyintLeaveGrp } from "#src/ipmp/membership.js";
import { PreconditionError } from "#src/ipmp/panic.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { illRtsaddrmsg } from "#src/ipmp/routing-message.js";
import { Lan, present, up } from "./lan.ts";

describe("phyintJoinGrp", () => {
  test("adopts the first member's media type and counts it in", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("ib0", { mactype: 32 });
    phyintJoinGrp(phyint, group);
    assert.deepEqual([group.nif, group.mactype, phyint.grp], [1, 32, group]);
    assert.equal(illGetIpmpIfindex(present(phyint.v4)), group.phyint.ifindex);
    assert.throws(() => phyintJoinGrp(phyint, group), PreconditionError);
  });

  test("announces addresses that are up as gone, the interface last", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("A");
    const ill = present(phyint.v4);
    lan.ipif("A0", ill);
    up(lan.ipif("A1", ill, "198.51.100.1"));
    phyintJoinGrp(phyint, group);
    assert.deepEqual(lan.effects.take(), ["RTM_DELETE A1", "ifmsg A0 down"]);
  });
});

describe("phyintLeaveGrp", () => {
  test("takes out the ills still inside, then announces the addresses, the interface first", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const member = lan.member("A", group);
    up(lan.ipif("A1", present(member.v4), "198.51.100.1"));
    lan.effects.take();
    phyintLeaveGrp(member);
    assert.deepEqual(lan.effects.take().slice(-2), ["ifmsg A1 up", "RTM_ADD A1"]);
    assert.deepEqual([group.nif, group.nv4, member.grp, member.v4?.grp], [0, 0, undefined, undefined]);
    assert.equal(group.members.size, 0);
    assert.throws(() => phyintLeaveGrp(member), PreconditionError);
  });
});

describe("illJoinIllgrp", () => {
  test("needs the half of the phyint's own group", () => {
    const lan = new Lan();
    const phyint = lan.phyint("A");
    const ill = present(phyint.v4);
    assert.throws(() => illJoinIllgrp(ill, present(lan.group("ipmp0").v4)), PreconditionError);
    phyintJoinGrp(phyint, lan.group("ipmp1"));
    assert.throws(() => illJoinIllgrp(ill, present(lan.group("ipmp2").v4)), PreconditionError);
  });

  test("gives the meta-interface the first member's address length and type, and takes them back with the last", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const meta = present(group.phyint.v4);
    const member = lan.member("A", group, { type: 199, physAddr: "02:00:00:00:00:00:00:01" });
    assert.deepEqual([meta.physAddrLength, meta.ndLlaLen, meta.type], [8, 8, 199]);
    phyintLeaveGrp(member);
    assert.deepEqual([meta.physAddrLength, meta.ndLlaLen, meta.type], [0, 0, 1]);
  });

  test("sets ROUTER as the meta-interface has it, and leaving does not restore it", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const off = lan.member("A", group, { flags: ILLF.MULTICAST | ILLF.ROUTER });
    assert.equal(present(off.v4).flags & ILLF.ROUTER, 0);
    present(group.phyint.v4).flags |= ILLF.ROUTER;
    const on = lan.member("B", group);
    assert.notEqual(present(on.v4).flags & ILLF.ROUTER, 0);
    phyintLeaveGrp(off);
    assert.equal(present(off.v4).flags & ILLF.ROUTER, 0);
  });

  test("marks CoS on the meta-interface while all members have it", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const meta = present(group.phyint.v4);
    const cos = () => (meta.flags & ILLF.COS_ENABLED) !== 0;
    const flags = ILLF.MULTICAST | ILLF.COS_ENABLED;
    const first = lan.member("A", group, { flags });
    assert.equal(cos(), true);
    const second = lan.member("B", group, { flags });
    assert.equal(cos(), true);
    const without = lan.member("C", group);
    assert.equal(cos(), false);
    phyintLeaveGrp(second);
    assert.equal(cos(), false);
    phyintLeaveGrp(without);
    assert.equal(cos(), true);
    phyintLeaveGrp(first);
    assert.equal(cos(), false);
  });

  test("activates a member that has an address up already", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("A");
    up(lan.ipif("A0", present(phyint.v4)));
    lan.join(phyint, group);
    assert.deepEqual(present(group.v4).actif, [phyint.v4]);
    assert.equal(group.nv4, 1);
  });
});

describe("illLeaveIllgrp", () => {
  test("hands the leaver's addresses over, and forgets the ARP entries with the last member", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const illgrp = present(group.v4);
    const data = lan.data("d1", group);
    const members = ["A", "B"].map((name) => {
      const member = lan.member(name, group);
      up(lan.ipif(`${name}0`, present(member.v4)));
      phyintRefreshActive(member);
      return member;
    });
    illgrpCreateArpent(illgrp, { ipaddr: "192.0.2.77", proxyarp: false, lladdr: "02:ff:00:00:00:01", flags: 0 });
    illLeaveIllgrp(present(members[0]?.v4));
    assert.equal(data.boundIll, members[1]?.v4);
    assert.equal(illgrp.arpents.length, 1);
    illLeaveIllgrp(present(members[1]?.v4));
    assert.equal(data.boundIll, undefined);
    assert.equal(illgrp.arpents.length, 0);
    assert.equal(group.phyint.flags & PHYI.RUNNING, 0);
    assert.throws(() => illLeaveIllgrp(present(members[1]?.v4)), PreconditionError);
  });
});

describe("routes of a member", () => {
  test("illIreMarkTesthidden hides those that lead out and illIreClearTesthidden shows all again", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("A");
    const ill = present(phyint.v4);
    for (const type of IRE_TYPES) ireAdd(new Ire(type, ill, type, false));
    lan.join(phyint, group);
    const hidden = Array.from(ill.ires).filter(({ testhidden }) => testhidden);
    assert.deepEqual(
      hidden.map(({ type }) => type),
      [
        "IRE_BROADCAST",
        "IRE_DEFAULT",
        "IRE_PREFIX",
        "IRE_IF_NORESOLVER",
        "IRE_IF_RESOLVER",
        "IRE_HOST",
        "IRE_IF_CLONE",
      ],
    );
    for (const ire of ill.ires) ire.testhidden = true;
    lan.effects.take();
    illLeaveIllgrp(ill);
    assert.equal(lan.effects.take().filter((line) => line.startsWith("show")).length, IRE_TYPES.length);
  });

  test("illIreMarkTesthidden leaves other ills' routes alone and says nothing about one that is hidden", () => {
    const lan = new Lan();
    const ill = present(lan.phyint("A").v4);
    const other = new Ire("r", present(lan.phyint("B").v4), "IRE_HOST", false);
    illIreMarkTesthidden(other, ill);
    assert.equal(other.testhidden, false);
    other.testhidden = true;
    illIreClearTesthidden(other, ill);
    assert.equal(other.testhidden, true);
    illIreMarkTesthidden(other, other.ill);
    assert.deepEqual(lan.effects.take(), []);
  });
});

describe("illRtsaddrmsg", () => {
  test("says nothing without an address up", () => {
    const lan = new Lan();
    const ill = present(lan.phyint("A").v4);
    lan.ipif("A0", ill, "198.51.100.1");
    illRtsaddrmsg(ill, "RTM_ADD");
    assert.deepEqual(lan.effects.take(), []);
  });

  test("announces the interface before its addresses, and withdraws it after them", () => {
    const lan = new Lan();
    const ill = present(lan.phyint("A").v4);
    lan.ipif("A0", ill);
    for (const id of ["A1", "A2"]) up(lan.ipif(id, ill, "198.51.100.1"));
    illRtsaddrmsg(ill, "RTM_ADD");
    assert.deepEqual(lan.effects.take(), ["ifmsg A0 up", "RTM_ADD A1", "RTM_ADD A2"]);
    illRtsaddrmsg(ill, "RTM_DELETE");
    assert.deepEqual(lan.effects.take(), ["RTM_DELETE A1", "RTM_DELETE A2", "ifmsg A0 down"]);
  });
});

describe("the meta-interface of a member", () => {
  test("illHoldIpmpIll is its ill, unless condemned or the ill is in no illgrp", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.member("A", group).v4);
    assert.equal(illHoldIpmpIll(ill), group.phyint.v4);
    present(group.phyint.v4).condemned = true;
    assert.equal(illHoldIpmpIll(ill), undefined);
    assert.equal(illHoldIpmpIll(present(lan.phyint("B").v4)), undefined);
  });

  test("illGetIpmpIfindex needs only the phyint to have joined", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("A");
    assert.equal(illGetIpmpIfindex(present(phyint.v4)), 0);
    phyintJoinGrp(phyint, group);
    assert.equal(illGetIpmpIfindex(present(phyint.v4)), group.phyint.ifindex);
  });
});
