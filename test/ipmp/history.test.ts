/** What must hold after every operation of any history. fast-check prints the seed and the shortest history that breaks it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { FAMILIES, type Family, MIN_MTU } from "#src/ipmp/address.js";
import { PHYI } from "#src/ipmp/flags.js";
import { grpTotals } from "#src/ipmp/group-kstats.js";
import { illIsActive } from "#src/ipmp/ill.js";
import type { Illgrp } from "#src/ipmp/illgrp.js";
import { type Ipif, ipifIsUpDataaddr } from "#src/ipmp/ipif.js";
import type { IpmpGroup } from "#src/ipmp/ipmp-group.js";
import { foldKstats } from "#src/ipmp/link-kstats.js";
import { phyintLeaveGrp } from "#src/ipmp/membership.js";
import { illgrpRefreshMtu } from "#src/ipmp/mtu.js";
import type { Phyint } from "#src/ipmp/phyint.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { illgrpNextIll } from "#src/ipmp/selection.js";
import type { Kstat } from "#src/kstat/kstat.js";
import { NET_COUNT, NET_INDEX } from "#src/kstat/net.js";
import { down, Lan, present, up } from "./lan.ts";

const LINKS = 5;
const DATA = 9;
const MTUS = [68, 576, 1279, 1280, 1500, 9000];
const FLAGS = [PHYI.FAILED, PHYI.OFFLINE, PHYI.INACTIVE];

interface Link {
  readonly phyint: Phyint;
  readonly kstat: Kstat;
  readonly addresses: readonly Ipif[];
}

/** Two groups of both families, five links, and the traffic that each group ought to show. */
class World {
  readonly lan = new Lan();
  readonly groups: readonly IpmpGroup[] = ["ipmp0", "ipmp1"].map((name) => this.lan.group(name, FAMILIES));
  readonly data: readonly Ipif[] = this.groups.flatMap((group) =>
    Array.from({ length: DATA }, (_, index) => {
      const family: Family = index % 3 === 0 ? "v6" : "v4";
      const addr = family === "v4" ? `192.0.2.${index + 1}` : `2001:db8:0:0:0:0:0:${index + 1}`;
      return this.lan.ipif(`${group.name}-${index}`, present(group.phyint[family]), addr);
    }),
  );
  readonly links: readonly Link[] = Array.from({ length: LINKS }, (_, index) => {
    const name = `net${index}`;
    const phyint = this.lan.phyint(name, { families: FAMILIES });
    const addresses = FAMILIES.map((family) => this.lan.ipif(`${name}-${family}`, present(phyint[family])));
    return { phyint, kstat: this.lan.link(name, { rbytes64: 2n ** 64n - 50n }), addresses };
  });
  readonly traffic = new Map<IpmpGroup, bigint>(this.groups.map((group) => [group, 0n]));
}

const pick = <T>(list: readonly T[], index: number): T => present(list[index % list.length]);

/** Each operation, given two numbers that choose what it is about. */
const OPERATIONS: readonly ((world: World, which: number, what: number) => void)[] = [
  function joinOrLeave(world, which, what) {
    const { phyint } = pick(world.links, which);
    if (phyint.grp !== undefined) phyintLeaveGrp(phyint);
    else world.lan.join(phyint, pick(world.groups, what));
  },
  function changeFlag(world, which, what) {
    const { phyint } = pick(world.links, which);
    phyint.flags ^= pick(FLAGS, what);
    if (phyint.grp !== undefined) phyintRefreshActive(phyint);
  },
  function memberAddress(world, which, what) {
    const { phyint, addresses } = pick(world.links, which);
    const ipif = pick(addresses, what);
    (ipif.isUp ? down : up)(ipif);
    if (phyint.grp !== undefined) phyintRefreshActive(phyint);
  },
  function dataAddress(world, which) {
    const ipif = pick(world.data, which);
    (ipif.isUp ? down : up)(ipif);
  },
  function traffic(world, which, what) {
    const { phyint, kstat } = pick(world.links, which);
    const moved = BigInt(what) ** 5n;
    kstat.values[0] = BigInt.asUintN(64, present(kstat.values[0]) + moved);
    if (phyint.grp !== undefined) world.traffic.set(phyint.grp, present(world.traffic.get(phyint.grp)) + moved);
  },
  function mtu(world, which, what) {
    const { phyint } = pick(world.links, which);
    for (const family of FAMILIES) present(phyint[family]).mtu = pick(MTUS, what);
  },
  function send(world, which, what) {
    const illgrp = pick(world.groups, which)[pick(FAMILIES, what)];
    illgrpNextIll(present(illgrp));
  },
];

function checkHalf(world: World, illgrp: Illgrp): void {
  const { actif, castIll, nextIll, ills, ipmpIll } = illgrp;
  const counts = actif.map(({ boundCnt }) => boundCnt);
  assert.ok(Math.max(0, ...counts) - Math.min(...counts, Math.max(0, ...counts)) <= 1, `uneven: ${counts.join(" ")}`);
  for (const ill of ills)
    assert.equal(actif.includes(ill), illIsActive(ill), `${ill.name} is active as it ought to be`);
  for (const ipif of ipmpIll.ipifs) {
    const ought = ipifIsUpDataaddr(ipif) && actif.length > 0;
    assert.equal(ipif.boundIll !== undefined, ought, `${ipif.id} is bound while an ill is active`);
    if (ipif.boundIll !== undefined) assert.ok(actif.includes(ipif.boundIll), `${ipif.id} is bound to an active ill`);
    assert.equal(ipif.bound, ought);
  }
  for (const role of [castIll, nextIll]) assert.equal(role !== undefined && actif.includes(role), actif.length > 0);
  for (const { phyint } of world.links) {
    const ill = present(phyint[ipmpIll.family]);
    if (ill.grp === illgrp) assert.equal(ill.nomCast, ill === castIll);
    if (!actif.includes(ill) && ill.grp === illgrp) assert.equal(ill.boundCnt, 0);
  }
  illgrpRefreshMtu(illgrp);
  const least = ills.length === 0 ? 0 : Math.min(...ills.map(({ mtu }) => mtu));
  assert.equal(illgrp.mtu, Math.max(least, MIN_MTU[ipmpIll.family]));
  assert.equal(ipmpIll.mtu, illgrp.mtu);
}

function check(world: World): void {
  for (const group of world.groups) {
    const halves = [present(group.v4), present(group.v6)] as const;
    for (const illgrp of halves) checkHalf(world, illgrp);
    assert.equal(group.nif, group.members.size);
    assert.equal(group.nactif, halves[0].nactif + halves[1].nactif);
    assert.deepEqual([group.nv4, group.nv6], [halves[0].ills.length, halves[1].ills.length]);
    assert.equal((group.phyint.flags & PHYI.RUNNING) !== 0, group.nactif > 0, "up while an ill is active");
    assert.equal(group.linkdownmp !== undefined, group.nactif > 0, "the link-down note is put by");
    const totals = new BigUint64Array(NET_COUNT);
    grpTotals(group, totals);
    assert.equal(
      totals[NET_INDEX.rbytes64],
      BigInt.asUintN(64, present(world.traffic.get(group))),
      "what members moved",
    );
    const shares = group.kstats0.slice();
    for (const member of group.members) foldKstats(member, shares);
    assert.equal(totals[NET_INDEX.rbytes64], shares[NET_INDEX.rbytes64], "departed and present");
  }
}

describe("any history", () => {
  test("keeps addresses evenly bound, nominees active, MTUs least and counters exact", () => {
    const step = fc.tuple(fc.nat(OPERATIONS.length - 1), fc.nat(2 * DATA - 1), fc.nat(99));
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 150, size: "max" }), (steps) => {
        const world = new World();
        for (const [operation, which, what] of steps) {
          pick(OPERATIONS, operation)(world, which, what);
          check(world);
        }
      }),
      { numRuns: 150 },
    );
  });
});
