/** The neighbour cache as far as IPMP touches it: shared records (ncec_t) of an ill, and handles on them (nce_t) on other ills of a group. */

import type { IpAddress, LinkLayerAddress } from "./address.ts";
import type { Ill } from "./ill.ts";
import { precondition } from "./panic.ts";
import type { IpStack } from "./stack.ts";

/** ND_*: states of a neighbour record (inet/ip_ndp.h). */
export const ND_STATES = [
  "ND_REACHABLE",
  "ND_STALE",
  "ND_DELAY",
  "ND_PROBE",
  "ND_INCOMPLETE",
  "ND_UNREACHABLE",
  "ND_INITIAL",
] as const;
export type NdState = (typeof ND_STATES)[number];

/** NCE_F_MYADDR: the record is about one of this host's own addresses. */
export const NCE_F_MYADDR = 0x1;

export class Ncec {
  /** Identifies it in effects; unique in its stack. */
  readonly id: string;
  readonly ill: Ill;
  /** ncec_addr, ncec_lladdr, ncec_flags, ncec_state. */
  readonly addr: IpAddress;
  lladdr: LinkLayerAddress;
  flags: number;
  state: NdState;

  constructor(id: string, ill: Ill, addr: IpAddress, lladdr: LinkLayerAddress, flags: number, state: NdState) {
    this.id = id;
    this.ill = ill;
    this.addr = addr;
    this.lladdr = lladdr;
    this.flags = flags;
    this.state = state;
  }
}

export class Nce {
  readonly ill: Ill;
  /** nce_common. Deleting the record leaves the handle, which keeps its data. */
  readonly common: Ncec;

  constructor(ill: Ill, common: Ncec) {
    this.ill = ill;
    this.common = common;
  }

  /** nce_addr. */
  get addr(): IpAddress {
    return this.common.addr;
  }
}

/** NCE_ISREACHABLE. */
export function ncecIsReachable(ncec: Ncec): boolean {
  return ND_STATES.indexOf(ncec.state) <= ND_STATES.indexOf("ND_PROBE");
}

/** A new record at the end of its ill's table (ndp_add). */
export function ncecAdd(ncec: Ncec): void {
  ncec.ill.ncecs.add(ncec);
}

/** ncec_delete: takes the record out of the table. */
export function ncecDelete(ncec: Ncec): void {
  if (ncec.ill.ncecs.delete(ncec)) ncec.ill.stack.effects.ncecDelete(ncec);
}

/** ncec_walk over one ill's records, in table order. The visitor may delete. */
export function ncecWalk(ill: Ill, visit: (ncec: Ncec) => void): void {
  ill.stack.effects.ncecWalk(ill);
  for (const ncec of ill.ncecs) visit(ncec);
}

/** ncec_delete_per_ill: a visitor that deletes every record. */
export const ncecDeletePerIll: (ncec: Ncec) => void = ncecDelete;

/** The ill's handle for that address, or undefined (nce_lookup_v4, nce_lookup_v6). */
export function nceLookup(ill: Ill, addr: IpAddress): Nce | undefined {
  return ill.nces.find((nce) => nce.addr === addr);
}

/** A handle on `ncec` at the end of the ill's list. There is none for that address yet. */
export function nceAdd(ill: Ill, ncec: Ncec): Nce {
  const nce = new Nce(ill, ncec);
  ill.nces.push(nce);
  return nce;
}

/** nce_delete: takes the handle off its ill. */
export function nceDelete(nce: Nce): void {
  const index = nce.ill.nces.indexOf(nce);
  if (index < 0) return;
  nce.ill.nces.splice(index, 1);
  nce.ill.stack.effects.nceDelete(nce);
}

/** nce_flush: drops every handle of the ill. */
export function nceFlush(ill: Ill): void {
  ill.stack.effects.nceFlush(ill);
  deleteAll(ill, ill.nces.splice(0));
}

/** nce_fastpath_list_delete: drops the ill's handles on this very record. */
export function nceFastpathListDelete(ill: Ill, ncec: Ncec): void {
  ill.stack.effects.nceFastpathListDelete(ill, ncec);
  for (const nce of ill.nces.filter(({ common }) => common === ncec)) nceDelete(nce);
}

/**
 * nce_lookup_then_add_v4 and _v6: whether a handle came back. On a meta-interface (ARP entries) the model keeps nothing; a member gets a handle
 * on its meta-interface's first record for the address, unless it has one.
 */
export function nceLookupThenAdd(ill: Ill, lladdr: LinkLayerAddress, addr: IpAddress, flags: number): boolean {
  const { effects } = ill.stack;
  const ok = effects.succeeds("nce_lookup_then_add");
  effects.nceLookupThenAdd(ill, lladdr, addr, flags, ok);
  if (!ok || !ill.isUnderIpmp || nceLookup(ill, addr) !== undefined) return ok;
  for (const ncec of ill.grp?.ipmpIll.ncecs ?? []) {
    if (ncec.addr === addr) {
      nceAdd(ill, ncec);
      break;
    }
  }
  return ok;
}

/** nce_update: the neighbour at `addr` is reached through `lladdr` from now on. */
export function nceUpdate(stack: IpStack, addr: IpAddress, lladdr: LinkLayerAddress): void {
  stack.effects.nceUpdate(addr, lladdr);
}

/** ipmp_ncec_delete_nonlocal: a visitor that deletes the record if it is `ill`'s and not about an address of our own. */
export function ncecDeleteNonlocal(ncec: Ncec | undefined, ill: Ill): void {
  if (ncec !== undefined && (ncec.flags & NCE_F_MYADDR) === 0 && ncec.ill === ill) ncecDelete(ncec);
}

/** ipmp_ncec_flush_nce: a record of the meta-interface goes, so every member's handle on it goes, active or not. */
export function ncecFlushNce(ncec: Ncec): void {
  if (!ncec.ill.isIpmp) return;
  const illgrp = ncec.ill.grp;
  precondition(illgrp !== undefined, `"${ncec.ill.name}" has its illgrp`);
  for (const member of illgrp.ills) nceFastpathListDelete(member, ncec);
}

/**
 * ipmp_ncec_fastpath: a reachable record of the meta-interface changed, so the active members make new handles. Handles are found by address,
 * also those on an older record; all are dropped before the first is made again.
 */
export function ncecFastpath(ncec: Ncec): void {
  if (!ncecIsReachable(ncec)) return;
  const illgrp = ncec.ill.grp;
  precondition(ncec.ill.isIpmp && illgrp !== undefined, `"${ncec.ill.name}" is a meta-interface with its illgrp`);
  const dropped: Nce[] = [];
  for (const member of illgrp.actif) {
    const nce = nceLookup(member, ncec.addr);
    if (nce === undefined) continue;
    nceDelete(nce);
    dropped.push(nce);
  }
  for (const nce of dropped) nceLookupThenAdd(nce.ill, ncec.lladdr, ncec.addr, ncec.flags);
}

function deleteAll(ill: Ill, nces: readonly Nce[]): void {
  for (const nce of nces) ill.stack.effects.nceDelete(nce);
}
