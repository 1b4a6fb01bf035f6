/** The group's counters: departed members' share plus present members' share, in 64 bits, shown in each statistic's width. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PHYI } from "#src/ipmp/flags.js";
import { grpCreateKstats, grpDestroyKstats, grpTotals, grpUpdateKstats } from "#src/ipmp/group-kstats.js";
import { grpCreate, type IpmpGroup } from "#src/ipmp/ipmp-group.js";
import { foldKstats, phyintGetKstats } from "#src/ipmp/link-kstats.js";
import { phyintLeaveGrp } from "#src/ipmp/membership.js";
import { phyintRename } from "#src/ipmp/phyint.js";
import { NET_COUNT, NET_INDEX, NET_STATISTICS, type NetStatistic } from "#src/kstat/net.js";
import { Lan, present } from "./lan.ts";

/** The group's kstat as a reader sees it. */
function shown(group: IpmpGroup, statistic: NetStatistic): bigint {
  const ksp = present(group.ksp);
  ksp.refresh();
  return present(ksp.values[NET_INDEX[statistic]]);
}

describe("the group's counters", () => {
  test("a 32-bit counter that wraps between join and read is counted exactly", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.link("A", { rbytes: 4_294_967_290n }, "uint32");
    lan.member("A", group);
    lan.link("A", { rbytes: 10n }, "uint32");
    assert.equal(shown(group, "rbytes"), 16n);
  });

  test("a 64-bit counter passes 2^32 without a wrap", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const link = lan.link("A", { rbytes64: 4_294_967_290n });
    lan.member("A", group);
    link.values[0] = 4_294_967_306n;
    assert.equal(shown(group, "rbytes64"), 16n);
  });

  test("phyintJoinGrp and phyintLeaveGrp keep what a member counted while it was in, and nothing else", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const link = lan.link("A", { ipackets64: 1000n });
    const member = lan.member("A", group);
    link.values[0] = 1100n;
    phyintLeaveGrp(member);
    link.values[0] = 1150n;
    lan.join(member, group);
    link.values[0] = 1157n;
    assert.equal(shown(group, "ipackets64"), 107n);
    assert.equal(group.kstats0[NET_INDEX.ipackets64], 100n);
  });

  test("a link that vanished after the join runs the group backwards, in each width", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const link = lan.link("A", { rbytes: 500n, rbytes64: 500n });
    lan.member("A", group);
    lan.kstats.delete(link);
    assert.equal(shown(group, "rbytes64"), 18_446_744_073_709_551_116n);
    assert.equal(shown(group, "rbytes"), 4_294_966_796n);
  });

  test("grpUpdateKstats refuses a write", () => {
    const group = new Lan().group("ipmp0");
    assert.equal(grpUpdateKstats(group, present(group.ksp), "write"), "EACCES");
  });

  test("link_up is the meta-interface's, whatever members say", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    lan.link("A", { link_up: 7n });
    lan.member("A", group);
    lan.link("A", { link_up: 9n });
    assert.equal(shown(group, "link_up"), 0n);
    group.phyint.flags |= PHYI.RUNNING;
    assert.equal(shown(group, "link_up"), 1n);
  });

  test("totals keep 64 bits of every statistic, also of those shown in 32", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const link = lan.link("A", { oerrors: 0n });
    lan.member("A", group);
    link.values[0] = 5_000_000_000n;
    const totals = new BigUint64Array(NET_COUNT);
    grpTotals(group, totals);
    assert.equal(totals[NET_INDEX.oerrors], 5_000_000_000n);
    assert.equal(shown(group, "oerrors"), 705_032_704n);
  });

  test("departed and present members add up to the group, to the unit", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const links = ["A", "B", "C"].map((name) => lan.link(name, { obytes64: 10n ** 18n }));
    const members = ["A", "B", "C"].map((name) => lan.member(name, group));
    links.forEach((link, index) => {
      link.values[0] = 10n ** 18n + 7n ** BigInt(index + 1);
    });
    phyintLeaveGrp(present(members[0]));
    const sum = group.kstats0.slice();
    for (const member of group.members) foldKstats(member, sum);
    assert.equal(shown(group, "obytes64"), 7n + 49n + 343n);
    assert.equal(sum[NET_INDEX.obytes64], 7n + 49n + 343n);
  });
});

describe("phyintGetKstats", () => {
  const read = (lan: Lan): BigUint64Array => {
    const out = new BigUint64Array(NET_COUNT).fill(99n);
    phyintGetKstats(lan.phyint("A"), out);
    return out;
  };

  test("picks all 15 by name, wherever they stand", () => {
    const lan = new Lan();
    lan.link("A", Object.fromEntries(NET_STATISTICS.map(({ name }, index) => [name, BigInt(index + 1)]).reverse()));
    assert.deepEqual(
      Array.from(read(lan)),
      Array.from({ length: NET_COUNT }, (_, index) => BigInt(index + 1)),
    );
  });

  test("gives zeros for what is missing", () => {
    const lan = new Lan();
    assert.ok(read(lan).every((value) => value === 0n));
    lan.link("A", { ifspeed: 3n, ierrors: 4n });
    assert.deepEqual(read(lan)[NET_INDEX.ierrors], 4n);
    assert.deepEqual(read(lan)[NET_INDEX.oerrors], 0n);
    lan.link("A", { ierrors: 4n }).kind = "raw";
    assert.deepEqual(read(lan)[NET_INDEX.ierrors], 0n);
  });

  test("takes signed counters as unsigned in their own width, and strings as zero", () => {
    const cases = [
      ["int32", 0xffff_ffffn],
      ["uint32", 0xffff_ffffn],
      ["int64", 0xffff_ffff_ffff_ffffn],
      ["long", 0xffff_ffff_ffff_ffffn],
      ["ulong", 0xffff_ffff_ffff_ffffn],
      ["string", 0n],
    ] as const;
    for (const [type, expected] of cases) {
      const lan = new Lan();
      lan.link("A", { obytes: 0xffff_ffff_ffff_ffffn }, type);
      assert.equal(read(lan)[NET_INDEX.obytes], expected, type);
    }
  });

  test("follows a link that is renamed to the kstat of its new name", () => {
    const lan = new Lan();
    lan.link("A", { obytes64: 1n });
    lan.link("B", { obytes64: 2n });
    const phyint = lan.phyint("A");
    const out = new BigUint64Array(NET_COUNT);
    phyintRename(phyint, "B");
    phyintGetKstats(phyint, out);
    assert.equal(out[NET_INDEX.obytes64], 2n);
    assert.equal(phyint.v4?.name, "B/v4");
  });
});

describe("the group's kstat", () => {
  test("grpCreateKstats makes ipmp:0:<ifname> of class net with the 15 statistics in their widths", () => {
    const lan = new Lan();
    const { ksp } = lan.group("ipmp0");
    assert.deepEqual(ksp?.id, { module: "ipmp", instance: 0, name: "ipmp0", class: "net" });
    assert.equal(ksp?.crtime, 1_000_000_000n);
    assert.deepEqual(
      ksp?.schema?.statistics.map(({ name, type }) => [name, type]),
      NET_STATISTICS.map(({ name, bits }) => [name, `uint${bits}`]),
    );
  });

  test("grpCreateKstats is ENOMEM while that kstat exists", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    assert.equal(grpCreateKstats(group), "ENOMEM");
    assert.deepEqual(lan.effects.take(), ["kstat_create ipmp0 false"]);
  });

  test("grpDestroyKstats takes it away and forgets the departed", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    group.kstats0[3] = 5n;
    grpDestroyKstats(group);
    assert.equal(lan.kstats.lookup("ipmp", 0, "ipmp0"), undefined);
    assert.equal(group.kstats0[3], 0n);
    assert.deepEqual(lan.effects.take(), ["kstat_delete ipmp0"]);
  });

  test("its name holds 30 characters of an interface name of 31", () => {
    const lan = new Lan();
    const name = "a".repeat(31);
    const group = present(grpCreate(lan.stack, name, lan.meta(name)));
    assert.equal(group.ksp?.id.name, "a".repeat(30));
    assert.equal(group.ifname, name);
  });
});
