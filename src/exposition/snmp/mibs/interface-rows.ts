/**
 * The rows of ifTable: one a group, one a member, by ifIndex. What a group is as an interface is decided here (RFC 2863
 * section 3.1: a sub-layer on top of its members); every column only picks from it.
 */

import type { Hrtime } from "../../../kstat/hrtime.ts";
import { valueOf as statistic } from "../../../kstat/kstat.ts";
import type { LinkAttributes } from "../../../link/link-attributes.ts";
import type { GroupSnapshot, LinkSnapshot, MemberSnapshot, Snapshot } from "../../../snapshot/snapshot.ts";
import { localLinks, localMembers } from "./local-rows.ts";

/** ifOperStatus, RFC 2863. */
export const OPER_STATUS = {
  up: 1,
  down: 2,
  testing: 3,
  unknown: 4,
  dormant: 5,
  notPresent: 6,
  lowerLayerDown: 7,
} as const;

/**
 * ifOperStatus of a group all of whose members have failed, and of a link without carrier from below. RFC 2863 has a word for it; managers
 * compare with down, and snmpd never says anything else.
 */
export type FailedStatus = "down" | "lowerLayerDown";

/** IANAifType-MIB. */
const IF_TYPE = {
  other: 1,
  ethernetCsmacd: 6,
  ppp: 23,
  softwareLoopback: 24,
  slip: 28,
  propVirtual: 53,
  ieee80211: 71,
  tunnel: 131,
  l2vlan: 135,
  ieee8023adLag: 161,
  infiniband: 199,
  bridge: 209,
} as const;

/** ARPHRD_* of linux/if_arp.h, where the kind of link says nothing more exact. */
const BY_HARDWARE: Readonly<Record<number, number>> = {
  1: IF_TYPE.ethernetCsmacd,
  32: IF_TYPE.infiniband,
  256: IF_TYPE.slip,
  512: IF_TYPE.ppp,
  768: IF_TYPE.tunnel,
  769: IF_TYPE.tunnel,
  772: IF_TYPE.softwareLoopback,
  776: IF_TYPE.tunnel,
  778: IF_TYPE.tunnel,
  801: IF_TYPE.ieee80211,
  823: IF_TYPE.tunnel,
  65534: IF_TYPE.tunnel,
};

/** IFLA_INFO_KIND of links that have a type of their own although they look like Ethernet. */
const BY_KIND: Readonly<Record<string, number>> = {
  bond: IF_TYPE.ieee8023adLag,
  team: IF_TYPE.ieee8023adLag,
  bridge: IF_TYPE.bridge,
  vlan: IF_TYPE.l2vlan,
};

const ARPHRD_LOOPBACK = 772;

export interface InterfaceRow {
  readonly ifindex: number;
  readonly name: string;
  readonly alias: string;
  readonly type: number;
  readonly mtu: number | undefined;
  /** 0 where nobody knows (RFC 2863: an interface without a concept of bandwidth). */
  readonly bitsPerSecond: bigint;
  readonly physAddress: Uint8Array;
  readonly adminUp: boolean;
  /** ifOperStatus. */
  readonly operStatus: number;
  readonly lastChange: Hrtime;
  readonly promiscuous: boolean | undefined;
  readonly connectorPresent: boolean;
  /** When the counters began: ifCounterDiscontinuityTime. */
  readonly crtime: Hrtime;
  /** One of the 15 by its place among NET_STATISTICS. */
  counter(index: number): bigint;
  /** Those of them that it does not have. */
  readonly lacks: ReadonlySet<string> | undefined;
  /** Counters that a group does not keep. */
  readonly discardsIn: bigint | undefined;
  readonly discardsOut: bigint | undefined;
  readonly unknownProtocols: bigint | undefined;
  /** The group whose row this is; undefined for a member that is none itself. */
  readonly group: GroupSnapshot | undefined;
}

/**
 * By ascending ifIndex, each once: a bond that is a group of its own and a member of another is shown as the group. There can be thousands, and a
 * request asks for a few of them: what a column says is worked out when it is asked for.
 */
export function interfaceRows(snapshot: Snapshot, failedStatus: FailedStatus): readonly InterfaceRow[] {
  const rows = new Map<number, InterfaceRow>();
  for (const group of snapshot.groups) {
    for (const member of localMembers(group)) rows.set(member.link.id.ifindex, new MemberRow(member, failedStatus));
  }
  const groups = new Map(snapshot.groups.map((group) => [group.ifindex, group]));
  const own = localLinks(snapshot).filter(({ id }) => groups.has(id.ifindex));
  const links = new Map(own.map(({ id, attributes }) => [id.ifindex, attributes]));
  for (const [ifindex, group] of groups) rows.set(ifindex, new GroupRow(group, links.get(ifindex), failedStatus));
  return [...rows.values()].sort((a, b) => a.ifindex - b.ifindex);
}

/** Whether the group is one link to the layers above it, made by the link layer: then it has an address and a MAC of its own. */
export function isOneLink(group: GroupSnapshot): boolean {
  return group.source === "bond" || group.source === "team";
}

class GroupRow implements InterfaceRow {
  readonly ifindex: number;
  readonly connectorPresent = false;
  readonly unknownProtocols = undefined;
  readonly group: GroupSnapshot;
  /** The bond or team that it is. */
  readonly #own: LinkAttributes | undefined;
  readonly #failedStatus: FailedStatus;

  constructor(group: GroupSnapshot, own: LinkAttributes | undefined, failedStatus: FailedStatus) {
    this.ifindex = group.ifindex;
    this.group = group;
    this.#own = own;
    this.#failedStatus = failedStatus;
  }

  get name(): string {
    return this.group.ifname;
  }

  get alias(): string {
    return this.#own?.alias || this.group.name;
  }

  get type(): number {
    return isOneLink(this.group) ? IF_TYPE.ieee8023adLag : IF_TYPE.propVirtual;
  }

  get mtu(): number | undefined {
    return this.group.mtu ?? this.#own?.mtu;
  }

  /**
   * Of a bond the driver knows it best: one that sends everything over every slave is as fast as one of them. Of other groups it is the sum of
   * the members in use: a standby that waits, a failed and an offline member add nothing to what the group can carry now.
   */
  get bitsPerSecond(): bigint {
    const active = this.group.members.filter((member) => member.active);
    const sum = active.reduce((speed, { link }) => speed + (link.attributes.speedBitsPerSecond ?? 0), 0);
    return BigInt(Math.round(this.#own?.speedBitsPerSecond ?? sum));
  }

  get physAddress(): Uint8Array {
    return isOneLink(this.group) ? macAddress(this.#own?.lladdr ?? "") : NO_ADDRESS;
  }

  get adminUp(): boolean {
    return this.#own?.adminUp ?? true;
  }

  get operStatus(): number {
    return this.group.linkUp ? OPER_STATUS.up : OPER_STATUS[this.adminUp ? this.#failedStatus : "down"];
  }

  get lastChange(): Hrtime {
    return this.group.lastChange;
  }

  get promiscuous(): boolean {
    return this.#own?.promiscuous ?? false;
  }

  get crtime(): Hrtime {
    return this.group.crtime;
  }

  counter(index: number): bigint {
    return this.group.total[index] ?? 0n;
  }

  get lacks(): ReadonlySet<string> | undefined {
    return this.group.lacks;
  }

  get discardsIn(): bigint | undefined {
    return this.group.discards?.in;
  }

  get discardsOut(): bigint | undefined {
    return this.group.discards?.out;
  }
}

class MemberRow implements InterfaceRow {
  readonly ifindex: number;
  readonly group = undefined;
  readonly #member: MemberSnapshot;
  readonly #failedStatus: FailedStatus;

  constructor(member: MemberSnapshot, failedStatus: FailedStatus) {
    this.ifindex = member.link.id.ifindex;
    this.#member = member;
    this.#failedStatus = failedStatus;
  }

  get #link(): LinkSnapshot {
    return this.#member.link;
  }

  get name(): string {
    return this.#link.attributes.name;
  }

  get alias(): string {
    return this.#link.attributes.alias;
  }

  get type(): number {
    const { kind = "", hardwareType } = this.#link.attributes;
    return BY_KIND[kind] ?? BY_HARDWARE[hardwareType] ?? IF_TYPE.other;
  }

  get mtu(): number | undefined {
    return this.#link.attributes.mtu;
  }

  get bitsPerSecond(): bigint {
    return BigInt(Math.round(this.#link.attributes.speedBitsPerSecond ?? 0));
  }

  get physAddress(): Uint8Array {
    return macAddress(this.#link.attributes.lladdr);
  }

  get adminUp(): boolean {
    return this.#link.attributes.adminUp;
  }

  get operStatus(): number {
    return memberStatus(this.#link.attributes, this.#failedStatus);
  }

  get lastChange(): Hrtime {
    return this.#link.lastChange;
  }

  get promiscuous(): boolean | undefined {
    return this.#link.attributes.promiscuous;
  }

  /** A NIC has no IFLA_INFO_KIND: that is for links made by software. */
  get connectorPresent(): boolean {
    const { kind, hardwareType } = this.#link.attributes;
    return kind === undefined && hardwareType !== ARPHRD_LOOPBACK;
  }

  get crtime(): Hrtime {
    return this.#link.kstat.crtime;
  }

  counter(index: number): bigint {
    const { baseline, share } = this.#member;
    return BigInt.asUintN(64, (baseline[index] ?? 0n) + (share[index] ?? 0n));
  }

  get lacks(): ReadonlySet<string> | undefined {
    return this.#link.lacks;
  }

  get discardsIn(): bigint | undefined {
    return statistic(this.#link.kstat, "norcvbuf");
  }

  get discardsOut(): bigint | undefined {
    return statistic(this.#link.kstat, "noxmtbuf");
  }

  get unknownProtocols(): bigint | undefined {
    return statistic(this.#link.kstat, "unknowns");
  }
}

/** Drivers that never set an operational state leave it unknown; Linux then goes by RUNNING (operstates.rst), and so do we. */
function memberStatus(link: LinkAttributes, failedStatus: FailedStatus): number {
  if (link.operState === "lowerLayerDown") return OPER_STATUS[failedStatus];
  if (link.operState !== "unknown") return OPER_STATUS[link.operState];
  if (link.running) return OPER_STATUS.up;
  return link.adminUp ? OPER_STATUS.unknown : OPER_STATUS.down;
}

const NO_ADDRESS = new Uint8Array(0);

/** "02:00:5e:10:00:01" as octets; empty stays empty. */
export function macAddress(text: string): Uint8Array {
  return text === "" ? NO_ADDRESS : Uint8Array.from(text.split(":"), (pair) => Number.parseInt(pair, 16));
}
