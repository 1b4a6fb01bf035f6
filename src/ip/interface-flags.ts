/** Changing flags by request (SIOCSLIFFLAGS, ip_sioctl_flags): which ones may be changed, and what else changes with them. */

import type { Errno } from "../ipmp/errno.ts";
import { ILLF, IPIF, PHYI } from "../ipmp/flags.ts";
import type { Ill } from "../ipmp/ill.ts";
import type { Ipif } from "../ipmp/ipif.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { phyintRefreshActive } from "../ipmp/refresh.ts";
import { illsOf } from "./ip.ts";

/** A change of flags: our bits of one object's word. */
export interface FlagChange {
  readonly set?: number;
  readonly clear?: number;
}

/** Flags that only the kernel changes; a request leaves them as they are. */
const KERNEL_PHYINT_FLAGS = PHYI.RUNNING | PHYI.IPMP | PHYI.VIRTUAL;
const KERNEL_ILL_FLAGS = ILLF.MULTICAST | ILLF.COS_ENABLED | ILLF.FIXEDMTU;
const KERNEL_IPIF_FLAGS = IPIF.DUPLICATE;

/** Flags that make a member unusable for data. To the kernel they mean the same. */
const UNUSABLE = PHYI.FAILED | PHYI.INACTIVE | PHYI.OFFLINE;

/** FAILED, STANDBY, INACTIVE and OFFLINE of an interface. EINVAL as the rules say; nothing is changed then. */
export function setPhyintFlags(phyint: Phyint, change: FlagChange): Errno {
  const before = phyint.flags;
  const asked = apply(before, change, KERNEL_PHYINT_FLAGS);
  if (phyint.isIpmp) return changesAny(before, asked, PHYI.STANDBY | PHYI.INACTIVE | PHYI.OFFLINE) ? "EINVAL" : 0;
  const after = withStandbyRule(phyint, before, asked);
  if (after === undefined || (after & (PHYI.FAILED | PHYI.INACTIVE)) === (PHYI.FAILED | PHYI.INACTIVE)) return "EINVAL";
  phyint.flags = after;
  if (changesAny(before, after, UNUSABLE) && illsOf(phyint).every((ill) => ill.isUnderIpmp))
    phyintRefreshActive(phyint);
  return 0;
}

/** Turning STANDBY on makes an interface INACTIVE unless it has failed; turning it off makes it not INACTIVE. */
function withStandbyRule(phyint: Phyint, before: number, asked: number): number | undefined {
  if (!changesAny(before, asked, PHYI.STANDBY)) return asked;
  if ((asked & PHYI.STANDBY) === 0) return asked & ~PHYI.INACTIVE;
  if ((before & PHYI.INACTIVE) !== 0 || illsOf(phyint).some((ill) => ill.usesrcGrpNext)) return undefined;
  return (asked & PHYI.FAILED) === 0 ? asked | PHYI.INACTIVE : asked;
}

/** ROUTER, NOARP and NONUD of one family. On a meta-interface NOARP and NONUD give EINVAL. */
export function setIllFlags(ill: Ill, change: FlagChange): Errno {
  const after = apply(ill.flags, change, KERNEL_ILL_FLAGS);
  if (ill.isIpmp && changesAny(ill.flags, after, ILLF.NOARP | ILLF.NONUD)) return "EINVAL";
  ill.flags = after;
  // Forwarding is kept equal across a group: a change on one member is a change on all.
  const illgrp = ill.grp;
  if (illgrp) for (const other of [illgrp.ipmpIll, ...illgrp.ills]) copyRouter(ill, other);
  return 0;
}

function copyRouter(from: Ill, to: Ill): void {
  to.flags = (to.flags & ~ILLF.ROUTER) | (from.flags & ILLF.ROUTER);
}

/** NOFAILOVER, DEPRECATED, DHCPRUNNING and the like of one address. UP is changed by bringing it up or down. */
export function setIpifFlags(ipif: Ipif, change: FlagChange): Errno {
  const before = ipif.flags;
  let after = apply(before, change, KERNEL_IPIF_FLAGS | IPIF.UP);
  const turnedOn = after & ~before;
  const turnedOff = before & ~after;
  if (ipif.ill.isIpmp && changesAny(before, after, IPIF.NOFAILOVER)) return "EINVAL";
  if ((turnedOff & IPIF.DEPRECATED) !== 0 && (after & IPIF.NOFAILOVER) !== 0) return "EINVAL";
  if (ipif.ill.isUnderIpmp) {
    const owned = IPIF.DHCPRUNNING | IPIF.ADDRCONF;
    if ((turnedOn & owned) !== 0 && (after & IPIF.NOFAILOVER) === 0) return "EINVAL";
    if ((turnedOff & IPIF.NOFAILOVER) !== 0 && (before & (IPIF.UP | IPIF.DUPLICATE | owned)) !== 0) return "EINVAL";
  }
  if ((turnedOn & IPIF.NOFAILOVER) !== 0) after |= IPIF.DEPRECATED;
  ipif.flags = after;
  return 0;
}

/** Clear wins over set. */
function apply(flags: number, { set = 0, clear = 0 }: FlagChange, kept: number): number {
  const asked = (flags | set) & ~clear;
  return (asked & ~kept) | (flags & kept);
}

function changesAny(before: number, after: number, bits: number): boolean {
  return ((before ^ after) & bits) !== 0;
}
