/** A LAN for engine tests: groups and links in a few words, and every effect written down as a short line. */

import type { Family } from "#src/ipmp/address.js";
import { illgrpAddIpif, illgrpDelIpif } from "#src/ipmp/binding.js";
import type { FaultPoint, ResolverAction, RtsCommand } from "#src/ipmp/effects.js";
import { ILLF, IPIF, PHYI } from "#src/ipmp/flags.js";
import { type Ill, type IllSpec, SUNW_DL_IPMP } from "#src/ipmp/ill.js";
import { type Illgrp, illgrpCreate, illgrpLinkGrp } from "#src/ipmp/illgrp.js";
import { Ipif, ipifIsDataaddr } from "#src/ipmp/ipif.js";
import { grpCreate, type IpmpGroup } from "#src/ipmp/ipmp-group.js";
import type { Ire, IreMatch } from "#src/ipmp/ire.js";
import type { DlNotification } from "#src/ipmp/link-note.js";
import { illJoinIllgrp, phyintJoinGrp } from "#src/ipmp/membership.js";
import type { Nce, Ncec } from "#src/ipmp/neighbour.js";
import { Phyint, phyintPlumbIll } from "#src/ipmp/phyint.js";
import { SilentEffects } from "#src/ipmp/silent-effects.js";
import { type IpStack, init } from "#src/ipmp/stack.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { Kstat } from "#src/kstat/kstat.js";
import { Registry } from "#src/kstat/registry.js";
import { Schema, type StatisticType } from "#src/kstat/schema.js";

/** Writes effects down, applies link notes at once, and fails where it is told to. */
export class Notebook extends SilentEffects {
  #lines: string[] = [];
  /** Points whose next calls fail, one call an element. */
  readonly failing: FaultPoint[] = [];
  readonly armed = new Set<Ill>();

  /** What happened since the last call. */
  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  override succeeds(point: FaultPoint): boolean {
    const index = this.failing.indexOf(point);
    if (index < 0) return true;
    this.failing.splice(index, 1);
    return false;
  }
  override kstatCreate(name: string, ok: boolean): void {
    this.#lines.push(`kstat_create ${name} ${ok}`);
  }
  override kstatDelete(name: string): void {
    this.#lines.push(`kstat_delete ${name}`);
  }
  override put(ill: Ill, { note, data }: DlNotification): void {
    this.#lines.push(`put ${ill.name} ${note.slice(8)}${data === 0 ? "" : ` ${data}`}`);
    if (note === "DL_NOTE_SDU_SIZE") ill.mtu = data;
    else
      ill.phyint.flags =
        note === "DL_NOTE_LINK_UP" ? ill.phyint.flags | PHYI.RUNNING : ill.phyint.flags & ~PHYI.RUNNING;
  }
  override freemsg({ note }: DlNotification): void {
    this.#lines.push(`freemsg ${note.slice(8)}`);
  }
  override timeout(ill: Ill, seconds: number): number {
    this.armed.add(ill);
    this.#lines.push(`timeout ${ill.name} ${seconds}`);
    return 7;
  }
  override untimeout(ill: Ill): void {
    if (this.armed.delete(ill)) this.#lines.push(`untimeout ${ill.name}`);
  }
  override ipsqTryEnter(ill: Ill, ok: boolean): void {
    this.#lines.push(`ipsq_try_enter ${ill.name} ${ok}`);
  }
  override illLeaveMulticast(ill: Ill): void {
    this.#lines.push(`leave multicast ${ill.name}`);
  }
  override illRecoverMulticast(ill: Ill): void {
    this.#lines.push(`recover multicast ${ill.name}`);
  }
  override ipRtsXifmsg(ipif: Ipif, up: boolean): void {
    this.#lines.push(`ifmsg ${ipif.id} ${up ? "up" : "down"}`);
  }
  override ipRtsNewaddrmsg(command: RtsCommand, ipif: Ipif): void {
    this.#lines.push(`${command} ${ipif.id}`);
  }
  override ipifResolverUp(ipif: Ipif, ill: Ill, action: "initial" | "rebind", ok: boolean): void {
    this.#lines.push(`${action} ${ipif.id} ${ill.phyint.name}${ok ? "" : " refused"}`);
  }
  override ipifNdpUp(ipif: Ipif, ill: Ill, initial: boolean, ok: boolean): void {
    this.#lines.push(`ndp ${ipif.id} ${ill.phyint.name} ${initial}${ok ? "" : " refused"}`);
  }
  override ipifArpDown(ipif: Ipif): void {
    this.#lines.push(`unbind ${ipif.id}`);
  }
  override ipifNdpDown(ipif: Ipif): void {
    this.#lines.push(`ndp down ${ipif.id}`);
  }
  override ncecDelete(ncec: Ncec): void {
    this.#lines.push(`ncec_delete ${ncec.id}`);
  }
  override nceDelete(nce: Nce): void {
    this.#lines.push(`nce_delete ${nce.ill.phyint.name} ${nce.addr}`);
  }
  override nceLookupThenAdd(ill: Ill, lladdr: string, addr: string, _flags: number, ok: boolean): void {
    this.#lines.push(`nce_add ${ill.phyint.name} ${addr} ${lladdr}${ok ? "" : " failed"}`);
  }
  override nceUpdate(addr: string, lladdr: string): void {
    this.#lines.push(`nce_update ${addr} ${lladdr}`);
  }
  override ireWalkIll(ill: Ill, match: IreMatch): void {
    this.#lines.push(`ire_walk ${ill.phyint.name} ${match}`);
  }
  override ireTesthidden(ire: Ire): void {
    this.#lines.push(`${ire.testhidden ? "hide" : "show"} ${ire.id}`);
  }
  override ireDelete(ire: Ire): void {
    this.#lines.push(`ire_delete ${ire.id}`);
  }
  override ipifBound(ipif: Ipif, ill: Ill, action: ResolverAction): void {
    if (action === "none") this.#lines.push(`silently ${ipif.id} ${ill.phyint.name}`);
  }
}

export interface LinkSpec extends Partial<IllSpec> {
  readonly families?: readonly Family[];
}

export class Lan {
  readonly effects: Notebook;
  readonly kstats = new Registry();
  readonly stack: IpStack;
  #ifindex = 0;

  constructor(effects = new Notebook()) {
    this.effects = effects;
    this.stack = init({ effects, kstats: this.kstats, now: () => hrtime(1_000_000_000n) });
  }

  phyint(name: string, spec: LinkSpec = {}, flags = 0): Phyint {
    this.#ifindex++;
    const phyint = new Phyint({ stack: this.stack, name, ifindex: this.#ifindex, flags });
    for (const family of spec.families ?? ["v4"]) {
      phyintPlumbIll(phyint, family, {
        mactype: spec.mactype ?? 4,
        type: spec.type ?? 6,
        mtu: spec.mtu ?? 1500,
        physAddr: "physAddr" in spec ? spec.physAddr : `02:00:00:00:00:${this.#ifindex.toString(16).padStart(2, "0")}`,
        flags: spec.flags ?? ILLF.MULTICAST,
      });
    }
    return phyint;
  }

  /** A meta-interface without a group. */
  meta(name: string, families: readonly Family[] = ["v4"]): Phyint {
    const spec = { families, mactype: SUNW_DL_IPMP, type: 1, mtu: 68, physAddr: undefined };
    return this.phyint(name, spec, PHYI.IPMP | PHYI.FAILED);
  }

  /** A group with its meta-interface and its halves. */
  group(name: string, families: readonly Family[] = ["v4"]): IpmpGroup {
    const phyint = this.meta(name, families);
    const group = present(grpCreate(this.stack, name, phyint));
    for (const family of families) illgrpLinkGrp(present(illgrpCreate(present(phyint[family]))), group);
    this.effects.take();
    return group;
  }

  /** A link in the group that is not active yet: it has no address up. */
  member(name: string, group: IpmpGroup, spec: LinkSpec = {}): Phyint {
    const phyint = this.phyint(name, spec);
    this.join(phyint, group);
    return phyint;
  }

  join(phyint: Phyint, group: IpmpGroup): void {
    phyintJoinGrp(phyint, group);
    for (const family of ["v4", "v6"] as const) {
      const ill = phyint[family];
      if (ill !== undefined) illJoinIllgrp(ill, present(group[family]));
    }
  }

  /** An address that is down. */
  ipif(id: string, ill: Ill, addr = "0.0.0.0", flags = 0): Ipif {
    const ipif = new Ipif(id, ill, addr, flags);
    ill.ipifs.push(ipif);
    return ipif;
  }

  /** An up data address on the meta-interface; d3 is 192.0.2.3. */
  data(id: string, group: IpmpGroup, family: Family = "v4"): Ipif {
    const ill = present(group.phyint[family]);
    const number = Number(id.slice(1));
    const ipif = this.ipif(
      id,
      ill,
      family === "v4" ? `192.0.2.${number}` : `2001:db8:0:0:0:0:0:${number.toString(16)}`,
    );
    up(ipif);
    return ipif;
  }

  /** `link:0:<name>` with these statistics, in place of any before. */
  link(name: string, statistics: Readonly<Record<string, bigint>>, type: StatisticType = "uint64"): Kstat {
    const old = this.kstats.lookup("link", 0, name);
    if (old !== undefined) this.kstats.delete(old);
    const schema = new Schema(Object.keys(statistics).map((statistic) => ({ name: statistic, type })));
    const id = { module: "link", instance: 0, name, class: "net" };
    const kstat = present(this.kstats.create({ id, schema, crtime: hrtime(0n) }));
    kstat.values = BigUint64Array.from(Object.values(statistics));
    return kstat;
  }
}

/** Brings an address up as IP does around the engine. */
export function up(ipif: Ipif): void {
  if (ipif.ill.isIpmp && ipif.ill.grp !== undefined && ipifIsDataaddr(ipif)) illgrpAddIpif(ipif.ill.grp, ipif);
  ipif.flags |= IPIF.UP;
  ipif.ill.ipifUpCount++;
}

/** Brings it down. */
export function down(ipif: Ipif): void {
  ipif.flags &= ~IPIF.UP;
  ipif.ill.ipifUpCount--;
  if (ipif.ill.isIpmp && ipif.ill.grp !== undefined) illgrpDelIpif(ipif.ill.grp, ipif);
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("the test expected something to be there");
  return value;
}

/** `A[d5 d4] B[d3]`: the active members with what is bound to them, newest first. */
export function bindings(illgrp: Illgrp): string {
  return illgrp.actif.map((ill) => `${ill.phyint.name}[${ill.boundIpifs.map(({ id }) => id).join(" ")}]`).join(" ");
}
