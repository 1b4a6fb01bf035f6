/** What a bond or a team says of itself and of its ports (linux/if_bonding.h, IEEE 802.1AX). */

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
