/**
 * The contract of a source: what the operating system says about its links, as it says it. A source decides nothing; it
 * knows no group, no baseline and no format. Each system has a folder that implements it.
 */

import type { Schema } from "../kstat/schema.ts";

/** What a link is, apart from its counters. Undefined: the system does not say. */
export interface LinkAttributes {
  /** The system's own ifIndex: with the boot, the identity of a link. Names are only labels. */
  readonly ifindex: number;
  readonly name: string;
  /** IFLA_IFALIAS: what the administrator calls it; empty when not set. */
  readonly alias: string;
  /** ARPHRD_* of if_arp.h: 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  /** IFLA_INFO_KIND: "veth", "bond", "macvlan"; undefined for a link with no such kind, such as a NIC. */
  readonly kind: string | undefined;
  /** Kernel driver, where the system tells ("ixgbe"). */
  readonly driver: string | undefined;
  /** Whether hardware (or a paravirtual device) stands behind it. */
  readonly hasDevice: boolean;
  /** MAC as lower-case hex pairs joined by colons; empty when it has none. */
  readonly lladdr: string;
  /** Bytes. */
  readonly mtu: number;
  /** IFF_UP: the administrator wants it. */
  readonly adminUp: boolean;
  /** IFF_RUNNING: it can carry traffic now (carrier, and operational). */
  readonly running: boolean;
  /** IFLA_OPERSTATE, in the words of RFC 2863. */
  readonly operState: OperState;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  /** IFF_NOARP. */
  readonly noArp: boolean;
  /** IFF_MULTICAST. */
  readonly multicast: boolean;
  readonly promiscuous: boolean;
  /** Bits per second; undefined when unknown, as for a link that is down. */
  readonly speedBitsPerSecond: number | undefined;
  /** ifindex of the bond, team or bridge that it is part of. */
  readonly masterIfindex: number | undefined;
  /** What a bonding master or a team is, apart from being a link. */
  readonly aggregate?: AggregateAttributes | undefined;
  /** What a link is to the bond or team that it is part of. */
  readonly port?: PortAttributes | undefined;
}

/** Bonding modes in the kernel's words, by their numbers (BOND_MODE_* of linux/if_bonding.h). */
export const BOND_MODES = [
  "balance-rr",
  "active-backup",
  "balance-xor",
  "broadcast",
  "802.3ad",
  "balance-tlb",
  "balance-alb",
] as const;
export type BondMode = (typeof BOND_MODES)[number];

export interface AggregateAttributes {
  readonly kind: "bond" | "team";
  /** Undefined for a team, whose runner the kernel does not know, and for a mode of a kernel newer than this program. */
  readonly mode: BondMode | undefined;
  /** ifindex of the currently active slave, in the modes that have one; undefined while there is none. */
  readonly activeIfindex: number | undefined;
  /** ifindex of the slave that is to be active whenever it can. */
  readonly primaryIfindex: number | undefined;
  /** The LACP aggregator in use: 802.3ad only, as are the other end's MAC and the keys. */
  readonly activeAggregator: number | undefined;
  readonly actorKey: number | undefined;
  readonly partnerKey: number | undefined;
  readonly partnerLladdr: string | undefined;
}

/** BOND_LINK_* in the words of /proc/net/bonding: what the bond's own monitor says of a slave's link. */
export const MII_STATUSES = ["up", "going down", "down", "going back"] as const;
export type MiiStatus = (typeof MII_STATUSES)[number];

/** Undefined: the system does not say, as for every port of a team. */
export interface PortAttributes {
  readonly kind: "bond" | "team";
  /** Whether the bond lets it carry traffic: BOND_STATE_ACTIVE, BOND_STATE_BACKUP. */
  readonly role: "active" | "backup" | undefined;
  readonly miiStatus: MiiStatus | undefined;
  /** Times that the bond found its link down. */
  readonly linkFailures: bigint | undefined;
  /** Its own MAC, which the bond may have replaced. */
  readonly permanentLladdr: string | undefined;
  /** The LACP aggregator that it chose. */
  readonly aggregator: number | undefined;
  /** LACP states of both ends (AD_STATE_*, the octet of 802.1AX). */
  readonly actorState: number | undefined;
  readonly partnerState: number | undefined;
}

/** IF_OPER_* of linux/if.h, which are the states of RFC 2863. */
export const OPER_STATES = ["unknown", "notPresent", "down", "lowerLayerDown", "testing", "dormant", "up"] as const;
export type OperState = (typeof OPER_STATES)[number];

/**
 * What happened, in the order in which it happened. `counters` are in the order of the source's schema, as the system
 * had them at that moment; undefined when the event carries none.
 */
export type SourceEvent =
  /** A link appeared or changed (renamed, up, down, new MAC …). */
  | { readonly kind: "link"; readonly link: LinkAttributes; readonly counters: BigUint64Array | undefined }
  /** A link was deleted or moved to another namespace; `counters` are its last. */
  | {
      readonly kind: "gone";
      readonly ifindex: number;
      readonly name: string;
      readonly counters: BigUint64Array | undefined;
    }
  /**
   * Events were lost (`gap` says why) or the source has just been opened (no gap): these are all the links there are now.
   * Whatever is not among them is gone, its last counters unknown.
   */
  | { readonly kind: "resync"; readonly gap: string | undefined; readonly links: readonly LinkState[] }
  /** Default routes or addresses may have changed: ask again. */
  | { readonly kind: "routes" }
  | { readonly kind: "addresses" };

export interface LinkState {
  readonly link: LinkAttributes;
  readonly counters: BigUint64Array | undefined;
}

export type AddressFamily = "ipv4" | "ipv6";

/** One default route (destination 0.0.0.0/0 or ::/0 of the main table). */
export interface DefaultRoute {
  readonly family: AddressFamily;
  readonly metric: number;
  readonly nextHops: readonly NextHop[];
}

export interface NextHop {
  readonly ifindex: number;
  /** Canonical text; undefined for a route straight to the link. */
  readonly gateway: string | undefined;
  /** 1 and up, relative to the other next hops. */
  readonly weight: number;
  /** RTNH_F_DEAD or RTNH_F_LINKDOWN: the kernel does not use it now. */
  readonly dead: boolean;
}

/** An address of a link, as RTM_GETADDR has it. */
export interface LinkAddress {
  readonly ifindex: number;
  readonly family: AddressFamily;
  /** Canonical text, without a prefix length. */
  readonly address: string;
  readonly prefixLength: number;
  /** IFA_F_TENTATIVE, IFA_F_DADFAILED: not usable (yet). */
  readonly tentative: boolean;
  readonly duplicate: boolean;
}

export interface Source {
  readonly name: "netlink" | "procfs";
  /** Statistics that the system provides, under their kstat names, in the order of every `counters`. */
  readonly schema: Schema;
  /** Width in which the system counts; 64 where nothing is said. */
  readonly counterBits?: 32 | 64;
  /** Whether links hand over their last counters when they go, and events arrive by themselves. */
  readonly deliversEvents: boolean;
  /**
   * Begins to listen, then lists everything; `wake` is called, never synchronously, when `drain` has something to say.
   * @throws SourceError when the system does not let us; the source is then closed.
   */
  open(wake: () => void): void;
  /** Everything since the last call, oldest first; the first call answers with a resync. */
  drain(): SourceEvent[];
  /** Reads the counters of all links now. `counters` belongs to the source and is good only until `visit` returns. */
  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void;
  /** Undefined when the system does not say. */
  defaultRoutes(): readonly DefaultRoute[] | undefined;
  addresses(): readonly LinkAddress[] | undefined;
  close(): void;
}

/** A source that could not be opened or read. The message says what was tried on what, and what the system answered. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly source: Source["name"];

  constructor(source: Source["name"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}
