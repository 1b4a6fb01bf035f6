/** ARP requests on interfaces of a group: SIOCSARP and SIOCDARP (ip_sioctl_arp). */

import type { IpAddress, LinkLayerAddress } from "../ipmp/address.ts";
import { illgrpCreateArpent, illgrpDestroyArpent, illgrpLookupArpent, illgrpMarkArpent } from "../ipmp/arpent.ts";
import type { Errno } from "../ipmp/errno.ts";
import { type Ill, illIsActive } from "../ipmp/ill.ts";
import { illgrpFindIll } from "../ipmp/illgrp.ts";
import { nceLookupThenAdd } from "../ipmp/neighbour.ts";
import { illgrpNextIll } from "../ipmp/selection.ts";

/**
 * Adds a mapping. EPERM on a member; ENOTSUP for an address of our own; ENOMEM as the kernel. On a group, a MAC that is a
 * member's makes a proxy entry, for which the MAC of an active member stands in.
 */
export function setArp(ill: Ill, address: IpAddress, lladdr: LinkLayerAddress, flags: number): Errno {
  if (ill.isUnderIpmp) return "EPERM";
  if (isOwn(ill, address)) return "ENOTSUP";
  if (!ill.isIpmp || !ill.grp) {
    return nceLookupThenAdd(ill, lladdr, address, flags) ? 0 : "ENOMEM";
  }
  const named = illgrpFindIll(ill.grp, lladdr);
  const active = named && (illIsActive(named) ? named : illgrpNextIll(ill.grp));
  const entry = illgrpCreateArpent(ill.grp, {
    ipaddr: address,
    proxyarp: named !== undefined,
    lladdr: active?.physAddr ?? lladdr,
    flags,
  });
  if (!entry) return "ENOMEM";
  if (nceLookupThenAdd(ill, entry.lladdr, address, flags)) illgrpMarkArpent(ill.grp, entry);
  return 0;
}

/** Deletes a mapping. EPERM on a member, ENOTSUP for an address of our own, ENOENT when there is none. */
export function deleteArp(ill: Ill, address: IpAddress): Errno {
  if (ill.isUnderIpmp) return "EPERM";
  if (isOwn(ill, address)) return "ENOTSUP";
  const known = [...ill.ncecs].find((ncec) => ncec.addr === address);
  const entry = ill.grp && illgrpLookupArpent(ill.grp, address);
  if (entry && ill.grp) illgrpDestroyArpent(ill.grp, entry);
  if (known) ill.ncecs.delete(known);
  return known || entry ? 0 : "ENOENT";
}

function isOwn(ill: Ill, address: IpAddress): boolean {
  return ill.ipifs.some((ipif) => ipif.addr === address);
}
