/** Making and unmaking interfaces: members over links, and the meta-interfaces of groups (I_PLINK, I_PUNLINK and what they call). */

import { FAMILIES, type Family, MIN_MTU, UNSPECIFIED } from "../ipmp/address.ts";
import type { Errno } from "../ipmp/errno.ts";
import { ILLF, IPIF, PHYI } from "../ipmp/flags.ts";
import { IFT_OTHER, type Ill, SUNW_DL_IPMP } from "../ipmp/ill.ts";
import { illgrpCreate, illgrpDestroy, illgrpLinkGrp, illgrpUnlinkGrp } from "../ipmp/illgrp.ts";
import { grpCreate, grpDestroy, grpLookup, grpRename, type IpmpGroup } from "../ipmp/ipmp-group.ts";
import { illLeaveIllgrp, phyintLeaveGrp } from "../ipmp/membership.ts";
import { Phyint, phyintPlumbIll, phyintUnplumbIll } from "../ipmp/phyint.ts";
import type { Kstat } from "../kstat/kstat.ts";
import { addAddress, deleteAddress } from "./addresses.ts";
import { type Ip, illsOf } from "./ip.ts";
import { mediumOf } from "./media.ts";

export interface MetaInterfaceSpec {
  /** Group name. */
  readonly name: string;
  /** Interface name, and the name of the group's kstat. */
  readonly ifname: string;
  readonly ifindex: number;
}

/**
 * Plumbs a meta-interface for both families and makes its group. EEXIST: an interface of that name, or a group of either
 * name, exists. ENOMEM as the kernel gives it. Nothing is left behind on failure.
 */
export function plumbGroup(ip: Ip, spec: MetaInterfaceSpec): IpmpGroup | Exclude<Errno, 0> {
  const taken = [...ip.stack.groups.values()].some(
    (group) => group.ifname === spec.ifname || group.name === spec.ifname,
  );
  if (taken || grpLookup(ip.stack, spec.name)) return "EEXIST";
  const phyint = new Phyint({
    stack: ip.stack,
    name: spec.ifname,
    ifindex: spec.ifindex,
    flags: PHYI.IPMP | PHYI.FAILED,
  });
  for (const family of FAMILIES) plumbMetaIll(phyint, family);
  const group = grpCreate(ip.stack, spec.ifname, phyint);
  if (!group) return "ENOMEM";
  for (const ill of illsOf(phyint)) if (ill.grp) illgrpLinkGrp(ill.grp, group);
  if (spec.name !== spec.ifname) {
    const errno = grpRename(group, spec.name);
    if (errno !== 0) {
      unplumbGroup(group);
      return errno;
    }
  }
  return group;
}

function plumbMetaIll(phyint: Phyint, family: Family): void {
  const ill = phyintPlumbIll(phyint, family, {
    mactype: SUNW_DL_IPMP,
    type: IFT_OTHER,
    mtu: MIN_MTU[family],
    physAddr: undefined,
    flags: ILLF.MULTICAST,
  });
  addAddress(ill, `${ill.name}:0`, UNSPECIFIED[family], 0);
  illgrpCreate(ill);
}

/** Unplumbs a group without members. EBUSY while an address is up, or a member is in or on its way. */
export function unplumbGroup(group: IpmpGroup): Errno {
  const { phyint } = group;
  const ills = illsOf(phyint);
  if (group.nif > 0 || ills.some((ill) => ill.ipifUpCount + ill.ipifDupCount > 0)) return "EBUSY";
  for (const { grp: illgrp } of ills) {
    const errno = illgrp ? illgrpUnlinkGrp(illgrp) : 0;
    if (errno !== 0) return errno;
  }
  for (const ill of ills) {
    if (ill.grp) illgrpDestroy(ill.grp);
    ill.ncecs.clear();
    phyintUnplumbIll(ill);
  }
  grpDestroy(group);
  return 0;
}

/** A link as IP sees it when it is plumbed. */
export interface LinkSpec {
  readonly name: string;
  readonly ifindex: number;
  /** ARPHRD_* of if_arp.h. */
  readonly hardwareType: number;
  readonly mtu: number;
  readonly lladdr: string;
  readonly running: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  readonly noArp: boolean;
  readonly multicast: boolean;
  readonly standby: boolean;
  /** Its kstat; left out: `link:0:<name>` of the stack's chain (see PhyintSpec). */
  readonly kstat?: () => Kstat | undefined;
}

/**
 * Plumbs a link. Its only address is a placeholder (0.0.0.0 or ::) that is down. The daemon brings it up when the link has joined: a
 * member needs one address that is up to be active. IPv6 is left out where the MTU is too small for it.
 */
export function plumbLink(ip: Ip, link: LinkSpec): Phyint {
  const flags =
    (link.running ? PHYI.RUNNING : 0) |
    (link.loopback ? PHYI.VIRTUAL : 0) |
    (link.standby ? PHYI.STANDBY | PHYI.INACTIVE : 0);
  const phyint = new Phyint({
    stack: ip.stack,
    name: link.name,
    ifindex: link.ifindex,
    flags,
    ...(link.kstat ? { linkKstat: link.kstat } : {}),
  });
  for (const family of FAMILIES) {
    if (family === "v4" || link.mtu >= MIN_MTU.v6) plumbMemberIll(phyint, family, link);
  }
  return phyint;
}

function plumbMemberIll(phyint: Phyint, family: Family, link: LinkSpec): void {
  const ill = phyintPlumbIll(phyint, family, {
    ...mediumOf(link.hardwareType),
    mtu: link.mtu,
    physAddr: link.lladdr,
    flags: (link.multicast ? ILLF.MULTICAST : 0) | (link.noArp ? (family === "v4" ? ILLF.NOARP : ILLF.NONUD) : 0),
  });
  addAddress(ill, `${ill.name}:0`, UNSPECIFIED[family], link.pointToPoint ? IPIF.POINTOPOINT : 0);
}

/** Unplumbs a link: each family leaves, then the interface leaves its group, which keeps what it carried. */
export function unplumbLink(phyint: Phyint): void {
  for (const ill of illsOf(phyint)) {
    if (ill.isUnderIpmp) illLeaveIllgrp(ill);
    discard(ill);
  }
  if (phyint.grp) phyintLeaveGrp(phyint);
}

function discard(ill: Ill): void {
  for (const ipif of [...ill.ipifs]) deleteAddress(ipif);
  ill.ncecs.clear();
  ill.ires.clear();
  phyintUnplumbIll(ill);
}
