/** The group's own kstat, `ipmp:0:<ifname>`: departed members' share plus the present members' share (ipmp_grp_update_kstats of ipmp.c). */

import type { Kstat } from "../kstat/kstat.ts";
import { NET_INDEX, NET_STATISTICS } from "../kstat/net.ts";
import { Schema } from "../kstat/schema.ts";
import type { Errno } from "./errno.ts";
import { PHYI } from "./flags.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { foldKstats } from "./link-kstats.ts";

/** ipmp_kstats[]: the statistics of a group with their widths. */
export const GROUP_SCHEMA = new Schema(
  NET_STATISTICS.map(({ name, bits }) => ({ name, type: bits === 32 ? "uint32" : "uint64" })),
);

/** KSTAT_STRLEN less its NUL: one character fewer than an interface name may have. */
const KSTAT_NAME_MAX = 30;

/** ipmp_grp_create_kstats: ENOMEM without memory, or when a kstat of that name exists. */
export function grpCreateKstats(group: IpmpGroup): Errno {
  const { effects, kstats, now } = group.stack;
  const name = group.ifname.slice(0, KSTAT_NAME_MAX);
  const id = { module: "ipmp", instance: 0, name, class: "net" };
  const update = (kstat: Kstat): void => void grpUpdateKstats(group, kstat, "read");
  const ksp = effects.succeeds("kstat_create")
    ? kstats.create({ id, schema: GROUP_SCHEMA, crtime: now(), update })
    : undefined;
  effects.kstatCreate(name, ksp !== undefined);
  if (ksp === undefined) return "ENOMEM";
  group.ksp = ksp;
  effects.kstatInstall(name);
  return 0;
}

/** ipmp_grp_update_kstats: brings the kstat's values up to date, each in its width; a write is EACCES. */
export function grpUpdateKstats(group: IpmpGroup, kstat: Kstat, access: "read" | "write"): Errno {
  if (access === "write") return "EACCES";
  grpTotals(group, kstat.values);
  narrowTotals(kstat.values);
  return 0;
}

/** Cuts totals to the width in which the group's kstat shows each: 32-bit statistics are modulo 2^32. */
export function narrowTotals(totals: BigUint64Array): void {
  NET_STATISTICS.forEach(({ bits }, slot) => {
    if (bits === 32) totals[slot] = BigInt.asUintN(32, totals[slot] ?? 0n);
  });
}

/** ipmp_grp_destroy_kstats: the kstat goes and the departed members' share with it. */
export function grpDestroyKstats(group: IpmpGroup): void {
  const { ksp, stack } = group;
  if (ksp !== undefined) {
    stack.kstats.delete(ksp);
    stack.effects.kstatDelete(ksp.id.name);
    group.ksp = undefined;
  }
  group.kstats0.fill(0n);
}

/** The group's counters in 64 bits whatever the statistic's width, into `out` in NET_STATISTICS order. link_up is the meta-interface's. */
export function grpTotals(group: IpmpGroup, out: BigUint64Array): void {
  out.set(group.kstats0);
  for (const phyint of group.members) foldKstats(phyint, out);
  out[NET_INDEX.link_up] = (group.phyint.flags & PHYI.RUNNING) === 0 ? 0n : 1n;
}
