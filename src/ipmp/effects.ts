/**
 * Everything the engine does to the rest of IP, in the order in which it does it. The engine keeps its own objects; whoever implements this
 * prints, counts, queues or forwards. Nothing here may call back into the engine.
 */

import type { IpAddress, LinkLayerAddress } from "./address.ts";
import type { Arpent } from "./arpent.ts";
import type { Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { Ipif } from "./ipif.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import type { Ire, IreMatch } from "./ire.ts";
import type { DlNotification } from "./link-note.ts";
import type { Nce, Ncec } from "./neighbour.ts";
import type { Phyint } from "./phyint.ts";

/** The kernel calls that can fail, by name. */
export const FAULT_POINTS = [
  "kmem_zalloc",
  "kmem_alloc",
  "mod_hash_reserve",
  "kstat_create",
  "ip_dlnotify_alloc",
  "ipsq_try_enter",
  "ipif_resolver_up",
  "ipif_ndp_up",
  "nce_lookup_then_add",
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

export type RtsCommand = "RTM_ADD" | "RTM_DELETE";
/** Res_act_*: why the resolver is told. `none`: it is not told, the caller is itself bringing the address up. */
export type ResolverAction = "none" | "initial" | "rebind";

export interface Effects {
  /** Whether this call of a kernel function that can fail succeeds. Asked once a call, before the note about it. */
  succeeds(point: FaultPoint): boolean;

  kstatCreate(name: string, ok: boolean): void;
  kstatInstall(name: string): void;
  kstatDelete(name: string): void;

  ipDlnotifyAlloc(notification: DlNotification, ok: boolean): void;
  /** Sends a link note to a meta-interface's ill. The implementation applies it, at once or later; the engine does not. */
  put(ill: Ill, notification: DlNotification): void;
  freemsg(notification: DlNotification): void;

  /** Arms the ill's retry timer: call illRefreshActiveTimer(ill) in `seconds`. The answer is the timer's id, never 0. */
  timeout(ill: Ill, seconds: number): number;
  /** Cancels the ill's retry timer if one is pending. */
  untimeout(ill: Ill): void;
  ipsqTryEnter(ill: Ill, ok: boolean): void;
  ipsqExit(phyint: Phyint): void;

  illLeaveMulticast(ill: Ill): void;
  illRecoverMulticast(ill: Ill): void;
  ipifMulticastUp(ipif: Ipif): void;
  ipifMulticastDown(ipif: Ipif): void;
  updateConnIll(ill: Ill): void;
  resetMrtIll(ill: Ill): void;
  resetMrtVifIpif(ipif: Ipif): void;
  ipPurgeAllmulti(ill: Ill): void;

  /** RTM_IFINFO about the ipif's interface with UP set or cleared. */
  ipRtsXifmsg(ipif: Ipif, up: boolean): void;
  ipRtsNewaddrmsg(command: RtsCommand, ipif: Ipif): void;

  ipifResolverUp(ipif: Ipif, ill: Ill, action: "initial" | "rebind", ok: boolean): void;
  ipifNdpUp(ipif: Ipif, ill: Ill, initial: boolean, ok: boolean): void;
  ipifArpDown(ipif: Ipif): void;
  ipifNdpDown(ipif: Ipif): void;

  ncecWalk(ill: Ill): void;
  ncecDelete(ncec: Ncec): void;
  nceFlush(ill: Ill): void;
  nceDelete(nce: Nce): void;
  nceFastpathListDelete(ill: Ill, ncec: Ncec): void;
  nceLookupThenAdd(ill: Ill, lladdr: LinkLayerAddress, addr: IpAddress, flags: number, ok: boolean): void;
  nceUpdate(addr: IpAddress, lladdr: LinkLayerAddress): void;

  ireWalkIll(ill: Ill, match: IreMatch): void;
  /** The route's test-hidden mark has changed. */
  ireTesthidden(ire: Ire): void;
  ireDelete(ire: Ire): void;

  /** Queries. The two counts are of addresses that the engine does not keep; countAppaddrs and countPtpaddrs of ipif.ts derive them from flags. */
  illAppaddrCnt(ill: Ill): number;
  illPtpaddrCnt(ill: Ill): number;
  illCheckAndRefhold(ill: Ill, ok: boolean): void;
  illRefhold(ill: Ill): void;
  ipifLookupTestaddr(ill: Ill, addr: IpAddress, ok: boolean): void;

  /** Changes inside the engine, for the replay and the tests. The kernel has DTrace probes for the first two and for testhidden only. */
  castDisabled(illgrp: Illgrp, ill: Ill): void;
  castEnabled(illgrp: Illgrp, ill: Ill): void;
  groupCreated(group: IpmpGroup): void;
  groupRenamed(group: IpmpGroup, before: string): void;
  groupDestroyed(group: IpmpGroup): void;
  phyintJoined(phyint: Phyint, group: IpmpGroup): void;
  phyintLeft(phyint: Phyint, group: IpmpGroup): void;
  illJoined(ill: Ill, illgrp: Illgrp): void;
  illLeft(ill: Ill, illgrp: Illgrp): void;
  illActivated(ill: Ill): void;
  illDeactivated(ill: Ill): void;
  /** Also when the resolver refused (`ipif.bound` is false then). */
  ipifBound(ipif: Ipif, ill: Ill, action: ResolverAction): void;
  ipifUnbound(ipif: Ipif, ill: Ill): void;
  mtuSet(illgrp: Illgrp, before: number): void;
  arpentCreated(arpent: Arpent): void;
  arpentDestroyed(arpent: Arpent): void;
}
