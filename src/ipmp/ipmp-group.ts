/** A group (ipmp_grp_t) and the hash of all groups of a stack by name. */

import type { Kstat } from "../kstat/kstat.ts";
import { NET_COUNT } from "../kstat/net.ts";
import type { Errno } from "./errno.ts";
import { grpCreateKstats, grpDestroyKstats } from "./group-kstats.ts";
import { SUNW_DL_IPMP } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { DlNotification } from "./link-note.ts";
import { EnginePanic, precondition } from "./panic.ts";
import type { Phyint } from "./phyint.ts";
import type { IpStack } from "./stack.ts";

/** LIFGRNAMSIZ less its NUL: characters of a group name. As many as of an interface (LIFNAMSIZ). */
export const GROUP_NAME_MAX = 31;

export class IpmpGroup {
  /** gr_name. Changed only by grpRename. */
  name: string;
  /** gr_ifname: the meta-interface's name, and the kstat's, for life. */
  readonly ifname: string;
  /** gr_phyint: the meta-interface. */
  readonly phyint: Phyint;
  /** gr_mactype: the members' media type. An empty group keeps the old one and reports SUNW_DL_IPMP. */
  mactype = SUNW_DL_IPMP;
  /** gr_nif: interfaces in the group. */
  nif = 0;
  /** gr_nactif: active ills, both families together. */
  nactif = 0;
  /** gr_v4 and gr_v6: the halves that members may join. */
  v4: Illgrp | undefined = undefined;
  v6: Illgrp | undefined = undefined;
  /** gr_nv4 and gr_nv6: ills joined; gr_pendv4 and gr_pendv6: ills promised. */
  nv4 = 0;
  nv6 = 0;
  pendv4 = 0;
  pendv6 = 0;
  /** gr_linkdownmp: kept while an ill is active, so that the last deactivation cannot fail. */
  linkdownmp: DlNotification | undefined = undefined;
  /** gr_ksp: `ipmp:0:<ifname>`. */
  ksp: Kstat | undefined = undefined;
  /** gr_kstats0: what departed members counted while they were in, 64 bits each, in NET_STATISTICS order. */
  readonly kstats0 = new BigUint64Array(NET_COUNT);
  /** The interfaces in the group (the ring of ipsqs that share its xop), in the order of joining. */
  readonly members = new Set<Phyint>();

  constructor(name: string, phyint: Phyint) {
    this.name = name.slice(0, GROUP_NAME_MAX);
    this.ifname = this.name;
    this.phyint = phyint;
  }

  get stack(): IpStack {
    return this.phyint.stack;
  }
}

/** SIOCGLIFGROUPINFO: what lifgroupinfo holds. */
export interface GroupInfo {
  readonly v4: boolean;
  readonly v6: boolean;
  /** Joined plus pending. */
  readonly nv4: number;
  readonly nv6: number;
  readonly mactype: number;
  readonly grifname: string;
  /** The nominees' interface names, empty without one. Multicast and broadcast of IPv4 are always the same. */
  readonly m4ifname: string;
  readonly m6ifname: string;
  readonly bcifname: string;
}

/** ipmp_grp_create: a group named as its interface; undefined, and nothing left behind, when a step fails. */
export function grpCreate(stack: IpStack, name: string, phyint: Phyint): IpmpGroup | undefined {
  precondition(phyint.isIpmp && phyint.grp === undefined, `"${phyint.name}" is a meta-interface without a group`);
  if (!stack.effects.succeeds("kmem_zalloc")) return undefined;
  const group = new IpmpGroup(name, phyint);
  if (grpCreateKstats(group) !== 0) return undefined;
  if (!stack.effects.succeeds("mod_hash_reserve")) {
    grpDestroyKstats(group);
    return undefined;
  }
  phyint.grp = group;
  grpInsert(stack, group);
  stack.effects.groupCreated(group);
  return group;
}

/** ipmp_grp_lookup: the group of exactly that name, or undefined. */
export function grpLookup(stack: IpStack, name: string): IpmpGroup | undefined {
  return stack.groups.get(name);
}

/** ipmp_grp_info. */
export function grpInfo(group: IpmpGroup): GroupInfo {
  const m4ifname = group.v4?.castIll?.phyint.name ?? "";
  return {
    v4: group.v4 !== undefined,
    v6: group.v6 !== undefined,
    nv4: group.nv4 + group.pendv4,
    nv6: group.nv6 + group.pendv6,
    mactype: group.nif === 0 ? SUNW_DL_IPMP : group.mactype,
    grifname: group.ifname,
    m4ifname,
    m6ifname: group.v6?.castIll?.phyint.name ?? "",
    bcifname: m4ifname,
  };
}

/** ipmp_grp_insert: into a reserved place of the hash. Panics when the name is taken: the caller looks it up before it reserves. */
export function grpInsert(stack: IpStack, group: IpmpGroup): void {
  if (stack.groups.has(group.name)) throw new EnginePanic(`Cannot insert group "${group.name}": the name is taken`);
  stack.groups.set(group.name, group);
}

/** ipmp_grp_remove: out of the hash. Panics when something else is there under the group's name. */
export function grpRemove(stack: IpStack, group: IpmpGroup): void {
  if (stack.groups.get(group.name) !== group) {
    throw new EnginePanic(`Cannot remove group "${group.name}": the hash does not have it under its name`);
  }
  stack.groups.delete(group.name);
}

/**
 * ipmp_grp_rename: EINVAL for no name, EEXIST for a name that a group has (this one included), ENOMEM without a place in the hash. The
 * interface's and the kstat's names stay. Only 31 characters are kept, but all are looked up, so an over-long name can still collide: a panic.
 */
export function grpRename(group: IpmpGroup, name: string): Errno {
  const { stack } = group;
  if (name === "") return "EINVAL";
  if (grpLookup(stack, name) !== undefined) return "EEXIST";
  if (!stack.effects.succeeds("mod_hash_reserve")) return "ENOMEM";
  const before = group.name;
  grpRemove(stack, group);
  group.name = name.slice(0, GROUP_NAME_MAX);
  grpInsert(stack, group);
  stack.effects.groupRenamed(group, before);
  return 0;
}

/** ipmp_grp_destroy: panics while an interface is in it. The caller has unlinked its halves. */
export function grpDestroy(group: IpmpGroup): void {
  if (group.nif !== 0)
    throw new EnginePanic(`Cannot destroy group "${group.name}": interfaces in it: ${group.nif}, not 0`);
  precondition(
    group.v4 === undefined && group.v6 === undefined,
    `group "${group.name}" has no halves when it is destroyed`,
  );
  grpRemove(group.stack, group);
  grpDestroyKstats(group);
  group.phyint.grp = undefined;
  group.stack.effects.groupDestroyed(group);
}
