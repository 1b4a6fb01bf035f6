/** One address family of an interface (ill_t, "IP lower level"), and what can be asked of it. */

import { type Family, type LinkLayerAddress, linkLayerLength } from "./address.ts";
import { PHYI } from "./flags.ts";
import type { Illgrp } from "./illgrp.ts";
import type { Ipif } from "./ipif.ts";
import type { Ire } from "./ire.ts";
import type { Nce, Ncec } from "./neighbour.ts";
import type { Phyint } from "./phyint.ts";
import { RareSet } from "./rare-set.ts";
import type { IpStack } from "./stack.ts";

/** SUNW_DL_IPMP: the media type of a meta-interface, and what an empty group reports. */
export const SUNW_DL_IPMP = 0x8000_0006;
/** IFT_OTHER: interface type of a meta-interface without members. */
export const IFT_OTHER = 1;

export interface IllSpec {
  /** DLPI media type (DL_ETHER is 4). */
  readonly mactype: number;
  /** Interface type, IANAifType (ethernetCsmacd is 6). */
  readonly type: number;
  readonly mtu: number;
  /** Undefined on a meta-interface, which has none. */
  readonly physAddr: LinkLayerAddress | undefined;
  /** ILLF bits. */
  readonly flags: number;
}

export class Ill {
  readonly phyint: Phyint;
  readonly family: Family;
  /** `<phyint>/v4` or `/v6`. (The kernel's ill_name is `phyint.name` alone.) */
  name: string;
  /** ill_mactype, ill_type, ill_mtu, ill_phys_addr. */
  mactype: number;
  type: number;
  mtu: number;
  physAddr: LinkLayerAddress | undefined;
  /** ill_phys_addr_length and ill_nd_lla_len, in octets. A meta-interface takes its members'. */
  physAddrLength: number;
  ndLlaLen: number;
  /** ill_flags: ILLF bits. */
  flags: number;
  /** ILL_CONDEMNED: going away; nobody takes a hold any more. */
  condemned = false;
  /** ill_dl_up: the data link accepts multicast joins. */
  dlUp = false;
  /** ill_nom_cast: nominated for multicast and broadcast in its illgrp. */
  nomCast = false;
  /** ill_grp: a meta-interface's own illgrp, or the illgrp that this one is in. */
  grp: Illgrp | undefined = undefined;
  /** ill_ipif: addresses, oldest first. */
  ipifs: Ipif[] = [];
  /** ill_ipif_up_count and ill_ipif_dup_count. Whoever brings an address up or down keeps them. */
  ipifUpCount = 0;
  ipifDupCount = 0;
  /** ill_usesrc_ifindex, and whether ill_usesrc_grp_next points anywhere (provider or client of usesrc). */
  usesrcIfindex = 0;
  usesrcGrpNext = false;
  /** ill_bound_ipif: the group's addresses bound here, newest first. */
  readonly boundIpifs: Ipif[] = [];
  /** ill_refresh_tid: nonzero when a retry was armed. Leaving an illgrp cancels the timer and leaves this as it is, as the kernel does. */
  refreshTid = 0;
  /** ill_nce: neighbour handles, oldest first. */
  readonly nces: Nce[] = [];
  /** This ill's part of the neighbour table, oldest first. */
  readonly ncecs = new RareSet<Ncec>();
  /** This ill's part of the routing table, oldest first. */
  readonly ires = new RareSet<Ire>();

  constructor(phyint: Phyint, family: Family, spec: IllSpec) {
    this.phyint = phyint;
    this.family = family;
    this.name = `${phyint.name}/${family}`;
    this.mactype = spec.mactype;
    this.type = spec.type;
    this.mtu = spec.mtu;
    this.physAddr = spec.physAddr;
    this.physAddrLength = spec.physAddr === undefined ? 0 : linkLayerLength(spec.physAddr);
    this.ndLlaLen = this.physAddrLength;
    this.flags = spec.flags;
  }

  get stack(): IpStack {
    return this.phyint.stack;
  }

  /** ill_bound_cnt. */
  get boundCnt(): number {
    return this.boundIpifs.length;
  }

  /** IS_IPMP. */
  get isIpmp(): boolean {
    return (this.phyint.flags & PHYI.IPMP) !== 0;
  }

  /** IS_UNDER_IPMP. */
  get isUnderIpmp(): boolean {
    return this.grp !== undefined && !this.isIpmp;
  }

  /** Only for phyintRename. */
  rename(): void {
    this.name = `${this.phyint.name}/${this.family}`;
  }
}

/** ipmp_ill_is_active: may carry the group's traffic. RUNNING plays no part: the daemon turns a lost link into FAILED. */
export function illIsActive(ill: Ill): boolean {
  return ill.ipifUpCount > 0 && (ill.phyint.flags & (PHYI.OFFLINE | PHYI.INACTIVE | PHYI.FAILED)) === 0;
}

/** ill_check_and_refhold: true unless condemned. Holds themselves are not counted: nothing outlives an operation. */
export function illCheckAndRefhold(ill: Ill): boolean {
  const ok = !ill.condemned;
  ill.stack.effects.illCheckAndRefhold(ill, ok);
  return ok;
}

/** ipmp_ill_hold_ipmp_ill: the meta-interface's ill; undefined outside an illgrp, or when that ill is condemned. */
export function illHoldIpmpIll(ill: Ill): Ill | undefined {
  const ipmpIll = ill.grp?.ipmpIll;
  return ipmpIll !== undefined && illCheckAndRefhold(ipmpIll) ? ipmpIll : undefined;
}

/** ipmp_ill_get_ipmp_ifindex: the meta-interface's ifindex, or 0. The phyint's membership is enough. */
export function illGetIpmpIfindex(ill: Ill): number {
  return ill.phyint.grp?.phyint.ifindex ?? 0;
}
