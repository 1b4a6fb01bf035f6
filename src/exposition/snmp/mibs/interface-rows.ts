/**
 * The rows of ifTable: one a group, one a member, by ifIndex. What a group is as an interface is decided here (RFC 2863
 * section 3.1: a sub-layer on top of its members); every column only picks from it.
 */

import type { Hrtime } from "../../../kstat/hrtime.ts";
import { valueOf as statistic } from "../../../kstat/kstat.ts";
import type { LinkAttributes } from "../../../link/link-attributes.ts";
import type { GroupSnapshot, LinkSnapshot, Snapshot } from "../../../snapshot/snapshot.ts";
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
  /** The 15 in the order of NET_STATISTICS. */
  readonly counters: BigUint64Array;
  /** Those of them that it does not have. */
  readonly lacks: ReadonlySet<string> | undefined;
  /** Counters that a group does not keep. */
  readonly discardsIn: bigint | undefined;
  readonly discardsOut: bigint | undefined;
  readonly unknownProtocols: bigint | undefined;
  /** The group whose row this is; undefined for a member that is none itself. */
  readonly group: GroupSnapshot | undefined;
}

/** By ascending ifIndex, each once: a bond that is a group of its own and a member of another is shown as the group. */
export function interfaceRows(snapshot: Snapshot, failedStatus: FailedStatus): readonly InterfaceRow[] {
  const rows = new Map<number, InterfaceRow>();
  const links = new Map(localLinks(snapshot).map((link) => [link.id.ifindex, link.attributes]));
  for (const group of snapshot.groups) {
    for (const { link, current } of localMembers(group))
      rows.set(link.id.ifindex, memberRow(link, current, failedStatus));
  }
  for (const group of snapshot.groups) rows.set(group.ifindex, groupRow(group, links.get(group.ifindex), failedStatus));
  return [...rows.values()].sort((a, b) => a.ifindex - b.ifindex);
}

/** Whether the group is one link to the layers above it, made by the link layer: then it has an address and a MAC of its own. */
export function isAggregate(group: GroupSnapshot): boolean {
  return group.source === "bond" || group.source === "team";
}

/**
 * Of a bond the driver knows it best: one that sends everything over every slave is as fast as one of them. Of other groups it is the sum of
 * the members in use: a standby that waits, a failed and an offline member add nothing to what the group can carry now.
 */
function groupSpeed({ members }: GroupSnapshot, own: LinkAttributes | undefined): bigint {
  const active = members.filter((member) => member.active).map(({ link }) => link.attributes.speedBitsPerSecond ?? 0);
  return BigInt(Math.round(own?.speedBitsPerSecond ?? active.reduce((sum, speed) => sum + speed, 0)));
}

function groupRow(group: GroupSnapshot, own: LinkAttributes | undefined, failedStatus: FailedStatus): InterfaceRow {
  const adminUp = own?.adminUp ?? true;
  return {
    ifindex: group.ifindex,
    name: group.ifname,
    alias: own?.alias || group.name,
    type: isAggregate(group) ? IF_TYPE.ieee8023adLag : IF_TYPE.propVirtual,
    mtu: group.mtu ?? own?.mtu,
    bitsPerSecond: groupSpeed(group, own),
    physAddress: isAggregate(group) ? macAddress(own?.lladdr ?? "") : NO_ADDRESS,
    adminUp,
    operStatus: group.linkUp ? OPER_STATUS.up : OPER_STATUS[adminUp ? failedStatus : "down"],
    lastChange: group.lastChange,
    promiscuous: own?.promiscuous ?? false,
    connectorPresent: false,
    crtime: group.crtime,
    counters: group.total,
    lacks: group.lacks,
    discardsIn: group.discards?.in,
    discardsOut: group.discards?.out,
    unknownProtocols: undefined,
    group,
  };
}

function memberRow(link: LinkSnapshot, counters: BigUint64Array, failedStatus: FailedStatus): InterfaceRow {
  const { attributes, id, kstat } = link;
  return {
    ifindex: id.ifindex,
    name: attributes.name,
    alias: attributes.alias,
    type: BY_KIND[attributes.kind ?? ""] ?? BY_HARDWARE[attributes.hardwareType] ?? IF_TYPE.other,
    mtu: attributes.mtu,
    bitsPerSecond: BigInt(Math.round(attributes.speedBitsPerSecond ?? 0)),
    physAddress: macAddress(attributes.lladdr),
    adminUp: attributes.adminUp,
    operStatus: memberStatus(attributes, failedStatus),
    lastChange: link.lastChange,
    promiscuous: attributes.promiscuous,
    // A NIC has no IFLA_INFO_KIND: that is for links made by software.
    connectorPresent: attributes.kind === undefined && attributes.hardwareType !== ARPHRD_LOOPBACK,
    crtime: kstat.crtime,
    counters,
    lacks: link.lacks,
    discardsIn: statistic(kstat, "norcvbuf"),
    discardsOut: statistic(kstat, "noxmtbuf"),
    unknownProtocols: statistic(kstat, "unknowns"),
    group: undefined,
  };
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
