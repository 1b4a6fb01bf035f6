/** What a bond, a team, or a LAG of a device says of itself and of its ports (linux/if_bonding.h, IEEE 802.1AX). */

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

/** Modes of the team driver (drivers/net/team). teamd's runner "lacp" is mode "loadbalance" to the kernel. */
export const TEAM_MODES = ["activebackup", "loadbalance", "roundrobin", "broadcast", "random"] as const;
export type TeamMode = (typeof TEAM_MODES)[number];

/**
 * How a bond watches the links of its slaves. With "none" it takes every link for up, for ever, and does not fail over: the
 * driver's default (miimon 0, arp_interval 0).
 */
export type BondMonitor = "mii" | "arp" | "none";

export const AGGREGATE_KINDS = ["bond", "team", "lag"] as const;
export type AggregateKind = (typeof AGGREGATE_KINDS)[number];

export interface AggregateAttributes {
  readonly kind: AggregateKind;
  /** Undefined for a mode that is not told (a team's, to an unprivileged program), or that belongs to a kernel newer than this program. */
  readonly mode: BondMode | TeamMode | undefined;
  readonly monitor: BondMonitor | undefined;
  /** ifindex of the currently active slave, in the modes that have one; undefined while there is none. */
  readonly activeIfindex: number | undefined;
  /** ifindex of the slave that is to be active whenever it can. */
  readonly primaryIfindex: number | undefined;
  /** The LACP aggregator in use: 802.3ad only, as are the other end's MAC and the keys. */
  readonly activeAggregator: number | undefined;
  readonly actorKey: number | undefined;
  readonly partnerKey: number | undefined;
  readonly partnerLladdr: string | undefined;
  /** How often LACP packets are asked of the other end: every 30 seconds, or every second. */
  readonly lacpRate: LacpRate | undefined;
  /** Slaves in use without which an 802.3ad bond takes its own carrier away. */
  readonly minLinks: number | undefined;
}

/** One of which the system says nothing but that it is one. */
export const UNTOLD_AGGREGATE: Omit<AggregateAttributes, "kind"> = {
  mode: undefined,
  monitor: undefined,
  activeIfindex: undefined,
  primaryIfindex: undefined,
  activeAggregator: undefined,
  actorKey: undefined,
  partnerKey: undefined,
  partnerLladdr: undefined,
  lacpRate: undefined,
  minLinks: undefined,
};

/** By their numbers (AD_LACP_SLOW, AD_LACP_FAST of net/bond_3ad.h). */
export const LACP_RATES = ["slow", "fast"] as const;
export type LacpRate = (typeof LACP_RATES)[number];

/** BOND_LINK_* in the words of /proc/net/bonding: what the bond's own monitor says of a slave's link. */
export const MII_STATUSES = ["up", "going down", "down", "going back"] as const;
export type MiiStatus = (typeof MII_STATUSES)[number];

/** The churn machines of 802.1AX, in the words of /proc/net/bonding: churned = 60 seconds have not brought the ends in sync. */
export const CHURN_STATES = ["none", "monitoring", "churned"] as const;
export type ChurnState = (typeof CHURN_STATES)[number];

/** Undefined: the system does not say, as for most of a team's port. */
export interface PortAttributes {
  readonly kind: AggregateKind;
  /** Whether it carries traffic: BOND_STATE_ACTIVE, BOND_STATE_BACKUP; of a team, whether it is enabled, or the active port. */
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
  /** Who is at the other end of this link, which only root is told. */
  readonly partnerLladdr: string | undefined;
  readonly partnerKey: number | undefined;
  readonly actorChurn: ChurnState | undefined;
  readonly partnerChurn: ChurnState | undefined;
  /** Times that each end's churn machine has given up. */
  readonly actorChurnedCount: bigint | undefined;
  readonly partnerChurnedCount: bigint | undefined;
}

/** One of which the system says nothing but that it is one. */
export const UNTOLD_PORT: Omit<PortAttributes, "kind"> = {
  role: undefined,
  miiStatus: undefined,
  linkFailures: undefined,
  permanentLladdr: undefined,
  aggregator: undefined,
  actorState: undefined,
  partnerState: undefined,
  partnerLladdr: undefined,
  partnerKey: undefined,
  actorChurn: undefined,
  partnerChurn: undefined,
  actorChurnedCount: undefined,
  partnerChurnedCount: undefined,
};
