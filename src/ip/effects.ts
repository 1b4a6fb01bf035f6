/** The engine's effects in the service: link notes are queued, retry timers are kept for the daemon, and what people ask about is counted. */

import type { IpAddress, LinkLayerAddress } from "../ipmp/address.ts";
import type { ResolverAction, RtsCommand } from "../ipmp/effects.ts";
import type { Ill } from "../ipmp/ill.ts";
import type { Illgrp } from "../ipmp/illgrp.ts";
import type { Ipif } from "../ipmp/ipif.ts";
import type { IpmpGroup } from "../ipmp/ipmp-group.ts";
import type { DlNote, DlNotification } from "../ipmp/link-note.ts";
import { NCE_F_MYADDR, Ncec, ncecAdd } from "../ipmp/neighbour.ts";
import { SilentEffects } from "../ipmp/silent-effects.ts";
import { type Hrtime, hrtime, seconds } from "../kstat/hrtime.ts";

/** A link note on its way to a meta-interface. The kernel queues them too (ip_dlnotify_inject). */
export interface QueuedNote extends DlNotification {
  readonly ill: Ill;
}

/** Counts per group, kept as long as the group is there. */
export interface GroupActivity {
  /** Addresses that went from one member to another. */
  rebinds: bigint;
  castChanges: bigint;
}

/** What routing-socket listeners were told (route(4P)), by message. */
export type RoutingMessage = "RTM_NEWADDR" | "RTM_DELADDR" | "RTM_IFINFO";

export class ServiceEffects extends SilentEffects {
  readonly notes: QueuedNote[] = [];
  /** Pending retry timers, with the time at which each is due. */
  readonly timers = new Map<Ill, Hrtime>();
  readonly linkNotes: Record<DlNote, bigint> = { DL_NOTE_LINK_DOWN: 0n, DL_NOTE_LINK_UP: 0n, DL_NOTE_SDU_SIZE: 0n };
  readonly routingMessages: Record<RoutingMessage, bigint> = { RTM_NEWADDR: 0n, RTM_DELADDR: 0n, RTM_IFINFO: 0n };
  readonly #activity = new WeakMap<IpmpGroup, GroupActivity>();
  readonly #now: () => Hrtime;
  #timerIds = 0;
  #ncecIds = 0;

  constructor(now: () => Hrtime) {
    super();
    this.#now = now;
  }

  activity(group: IpmpGroup): GroupActivity {
    const known = this.#activity.get(group);
    if (known) return known;
    const fresh = { rebinds: 0n, castChanges: 0n };
    this.#activity.set(group, fresh);
    return fresh;
  }

  override put(ill: Ill, notification: DlNotification): void {
    this.linkNotes[notification.note]++;
    this.notes.push({ ...notification, ill });
  }

  override timeout(ill: Ill, delay: number): number {
    this.timers.set(ill, hrtime(this.#now() + seconds(delay)));
    this.#timerIds += 1;
    return this.#timerIds;
  }

  override untimeout(ill: Ill): void {
    this.timers.delete(ill);
  }

  override ipRtsXifmsg(): void {
    this.routingMessages.RTM_IFINFO++;
  }

  override ipRtsNewaddrmsg(command: RtsCommand): void {
    this.routingMessages[command === "RTM_ADD" ? "RTM_NEWADDR" : "RTM_DELADDR"]++;
  }

  override ipifBound(_ipif: Ipif, ill: Ill, action: ResolverAction): void {
    const group = ill.phyint.grp;
    if (group && action === "rebind") this.activity(group).rebinds++;
  }

  override castEnabled(illgrp: Illgrp): void {
    const group = illgrp.ipmpIll.phyint.grp;
    if (group) this.activity(group).castChanges++;
  }

  override ipifResolverUp(ipif: Ipif, ill: Ill, _action: "initial" | "rebind", ok: boolean): void {
    if (ok && ipif.ill.family === "v4") this.#publish(ipif, ill);
  }

  override ipifNdpUp(ipif: Ipif, ill: Ill, _initial: boolean, ok: boolean): void {
    if (ok) this.#publish(ipif, ill);
  }

  override ipifArpDown(ipif: Ipif): void {
    this.#withdraw(ipif.ill, ipif.addr);
  }

  override ipifNdpDown(ipif: Ipif): void {
    this.#withdraw(ipif.ill, ipif.addr);
  }

  /** An ARP entry of the group is in the meta-interface's neighbour table. */
  override nceLookupThenAdd(ill: Ill, lladdr: LinkLayerAddress, addr: IpAddress, flags: number, ok: boolean): void {
    if (!ok || !ill.isIpmp || [...ill.ncecs].some((ncec) => ncec.addr === addr)) return;
    ncecAdd(new Ncec(this.#ncecId(), ill, addr, lladdr, flags, "ND_REACHABLE"));
  }

  /** An address of our own is announced with the MAC of the member that it is bound to. */
  #publish(ipif: Ipif, ill: Ill): void {
    this.#withdraw(ipif.ill, ipif.addr);
    ncecAdd(new Ncec(this.#ncecId(), ipif.ill, ipif.addr, ill.physAddr ?? "", NCE_F_MYADDR, "ND_REACHABLE"));
  }

  #withdraw(ill: Ill, addr: IpAddress): void {
    for (const ncec of ill.ncecs) if (ncec.addr === addr) ill.ncecs.delete(ncec);
  }

  #ncecId(): string {
    this.#ncecIds += 1;
    return `ncec${this.#ncecIds}`;
  }
}
