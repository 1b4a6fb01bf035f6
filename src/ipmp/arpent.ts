/** ARP entries that an administrator set on a group (ipmp_arpent_t): remembered, so that proxies follow the active members. IPv4 only. */

import type { IpAddress, LinkLayerAddress } from "./address.ts";
import type { Illgrp } from "./illgrp.ts";
import { nceLookupThenAdd, nceUpdate } from "./neighbour.ts";
import { precondition } from "./panic.ts";

export interface ArpentSpec {
  readonly ipaddr: IpAddress;
  /** The link-layer address is that of a member: when members change, the entry gets that of another active one. */
  readonly proxyarp: boolean;
  readonly lladdr: LinkLayerAddress;
  /** NCE_F_* as given to the neighbour record. */
  readonly flags: number;
}

export class Arpent {
  /** ia_ipaddr, ia_proxyarp, ia_flags, ia_lladdr. */
  readonly ipaddr: IpAddress;
  readonly proxyarp: boolean;
  readonly flags: number;
  lladdr: LinkLayerAddress;
  /** ia_notified: ARP has been told. A static entry that lost it gets it back only by illgrpMarkArpent. */
  notified = true;
  readonly illgrp: Illgrp;

  constructor(illgrp: Illgrp, spec: ArpentSpec) {
    this.illgrp = illgrp;
    this.ipaddr = spec.ipaddr;
    this.proxyarp = spec.proxyarp;
    this.flags = spec.flags;
    this.lladdr = spec.lladdr;
  }
}

/**
 * ipmp_illgrp_create_arpent: a new entry at the front, in place of any other for its address; undefined without memory, and then nothing has
 * changed. (The kernel meant to replace, but looks up by a field that it has not set yet.)
 */
export function illgrpCreateArpent(illgrp: Illgrp, spec: ArpentSpec): Arpent | undefined {
  const { effects } = illgrp.ipmpIll.stack;
  if (!effects.succeeds("kmem_alloc")) return undefined;
  const old = illgrpLookupArpent(illgrp, spec.ipaddr);
  if (old !== undefined) illgrpDestroyArpent(illgrp, old);
  const arpent = new Arpent(illgrp, spec);
  illgrp.arpents.unshift(arpent);
  effects.arpentCreated(arpent);
  return arpent;
}

/** ipmp_illgrp_destroy_arpent. */
export function illgrpDestroyArpent(illgrp: Illgrp, arpent: Arpent): void {
  const index = illgrp.arpents.indexOf(arpent);
  precondition(index >= 0, `the ARP entry for ${arpent.ipaddr} is on "${illgrp.name}"`);
  illgrp.arpents.splice(index, 1);
  illgrp.ipmpIll.stack.effects.arpentDestroyed(arpent);
}

/** ipmp_illgrp_mark_arpent: ARP knows this entry. */
export function illgrpMarkArpent(_illgrp: Illgrp, arpent: Arpent): void {
  arpent.notified = true;
}

/** ipmp_illgrp_lookup_arpent: the entry for that address, or the first of all without one. */
export function illgrpLookupArpent(illgrp: Illgrp, ipaddr: IpAddress | undefined): Arpent | undefined {
  if (ipaddr === undefined) return illgrp.arpents[0];
  return illgrp.arpents.find((arpent) => arpent.ipaddr === ipaddr);
}

/**
 * ipmp_illgrp_refresh_arpent: spreads proxy entries over the active members. The place in the round moves on only after an entry really
 * changed, and a failure leaves the copied address with the old `notified`: both as in the kernel.
 */
export function illgrpRefreshArpent(illgrp: Illgrp): void {
  const { actif, ipmpIll } = illgrp;
  let turn = 0;
  for (const arpent of illgrp.arpents) {
    const member = actif[turn];
    if (member === undefined || ipmpIll.ipifUpCount === 0) {
      arpent.notified = false;
      continue;
    }
    const lladdr = member.physAddr ?? "";
    if (arpent.proxyarp) {
      if (arpent.notified && arpent.lladdr === lladdr) continue;
      arpent.lladdr = lladdr;
    }
    const added = nceLookupThenAdd(ipmpIll, arpent.lladdr, arpent.ipaddr, arpent.flags);
    if (!added || !arpent.proxyarp) continue;
    nceUpdate(ipmpIll.stack, arpent.ipaddr, lladdr);
    arpent.notified = true;
    turn = (turn + 1) % actif.length;
  }
}
