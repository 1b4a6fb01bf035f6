/** A network interface by name, whatever its families (phyint_t). */

import type { Kstat } from "../kstat/kstat.ts";
import { NET_COUNT } from "../kstat/net.ts";
import type { Family } from "./address.ts";
import { PHYI } from "./flags.ts";
import { Ill, type IllSpec } from "./ill.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { precondition } from "./panic.ts";
import type { IpStack } from "./stack.ts";

export interface PhyintSpec {
  readonly stack: IpStack;
  readonly name: string;
  readonly ifindex: number;
  /** PHYI bits; PHYI.IPMP makes it a meta-interface. */
  readonly flags?: number;
  /** Finds the link's kstat; left out: `link:0:<name>` of the stack's kstat chain, as the kernel finds it. */
  readonly linkKstat?: () => Kstat | undefined;
}

export class Phyint {
  readonly stack: IpStack;
  /** phyint_name. Changed only by {@link phyintRename}. */
  name: string;
  /** phyint_ifindex. */
  ifindex: number;
  /** phyint_flags: PHYI bits. Whoever changes FAILED, OFFLINE or INACTIVE of a member calls phyintRefreshActive. */
  flags: number;
  /** phyint_illv4 and phyint_illv6. */
  v4: Ill | undefined = undefined;
  v6: Ill | undefined = undefined;
  /** phyint_grp: a meta-interface's own group, or the group that this one has joined. */
  grp: IpmpGroup | undefined = undefined;
  /** phyint_kstats0: the link's counters when it joined, in NET_STATISTICS order. Meaningless outside a group. */
  readonly kstats0 = new BigUint64Array(NET_COUNT);
  /** The link's kstat, not brought up to date; undefined while there is none. */
  readonly linkKstat: () => Kstat | undefined;

  constructor(spec: PhyintSpec) {
    this.stack = spec.stack;
    this.name = spec.name;
    this.ifindex = spec.ifindex;
    this.flags = spec.flags ?? 0;
    this.linkKstat = spec.linkKstat ?? (() => this.stack.kstats.lookup("link", 0, this.name));
  }

  /** IS_IPMP: this is a meta-interface. */
  get isIpmp(): boolean {
    return (this.flags & PHYI.IPMP) !== 0;
  }
}

/** Plumbs a family: the new ill, in no illgrp. */
export function phyintPlumbIll(phyint: Phyint, family: Family, spec: IllSpec): Ill {
  precondition(phyint[family] === undefined, `"${phyint.name}" has no ${family} ill yet`);
  const ill = new Ill(phyint, family, spec);
  phyint[family] = ill;
  return ill;
}

/** Unplumbs a family. The ill has left its illgrp; the caller drops what refers to it elsewhere. */
export function phyintUnplumbIll(ill: Ill): void {
  precondition(ill.grp === undefined, `"${ill.name}" is in no illgrp when it is unplumbed`);
  precondition(ill.phyint[ill.family] === ill, `"${ill.name}" is plumbed`);
  ill.phyint[ill.family] = undefined;
}

/**
 * A link got another name. Where the kstat is found by that name (see {@link PhyintSpec}), whoever feeds `link:0:<name>` renames it too
 * before the next read; otherwise the member reads as zeros.
 */
export function phyintRename(phyint: Phyint, name: string): void {
  phyint.name = name;
  phyint.v4?.rename();
  phyint.v6?.rename();
}
