/**
 * Why LACP does not use a link that has a carrier (IEEE 802.1AX: the receive, mux and churn machines; bond_3ad.c). A link that
 * waits in an aggregator of its own, in sync with a partner of its own, is a standby; any other is lost.
 */

/** Bits of a port's state (AD_STATE_* of 802.1AX, linux/if_bonding.h as LACP_STATE_*). */
const STATE = { synchronization: 0x08, defaulted: 0x40, expired: 0x80 } as const;

/** What LACP says of one port. Undefined: the system does not say. */
export interface LacpPort {
  readonly role: "active" | "backup" | undefined;
  readonly aggregator: number | undefined;
  /** State octets of both ends. */
  readonly actorState: number | undefined;
  readonly partnerState: number | undefined;
  /** Who is at the other end of this link. */
  readonly partnerLladdr: string | undefined;
  /** Whether an end's churn machine has given up: 60 seconds were not enough to get in sync. */
  readonly actorChurned: boolean;
  readonly partnerChurned: boolean;
}

export interface LacpVerdict {
  readonly is: "distributing" | "standby" | "failed";
  /** Why it is not distributing; empty when it is. */
  readonly why: string;
}

/**
 * What LACP makes of a port. Its own end gets in sync, and stops churning, only in the aggregator in use: in another one the
 * partner alone tells whether it could be used.
 * @param active the aggregator in use
 */
export function judgeLacp(port: LacpPort, active: number | undefined): LacpVerdict {
  if (isDistributing(port, active)) return { is: "distributing", why: "" };
  const { aggregator, actorState, partnerState, partnerLladdr, actorChurned, partnerChurned } = port;
  const failed = (why: string): LacpVerdict => ({ is: "failed", why });
  if (has(actorState, STATE.defaulted | STATE.expired)) return failed("no LACP partner");
  if (partnerState !== undefined && !has(partnerState, STATE.synchronization))
    return failed("its LACP partner is not in sync");
  if (partnerChurned) return failed("its LACP partner has churned: not in sync within a minute");
  if (aggregator === undefined && active !== undefined) return failed("in no aggregator of LACP");
  if (aggregator !== undefined && active !== undefined && aggregator !== active) {
    const partner = partnerLladdr === undefined ? "" : ` of partner ${partnerLladdr}`;
    return { is: "standby", why: `aggregator ${aggregator}${partner}, active is ${active}` };
  }
  if (actorChurned) return failed("it has churned: not in sync with its LACP partner within a minute");
  if (actorState !== undefined && !has(actorState, STATE.synchronization))
    return failed("not in sync with its LACP partner");
  if (aggregator !== undefined && aggregator === active)
    return failed("in the active aggregator, and not used by LACP");
  return { is: "standby", why: "not used by LACP" };
}

/**
 * What a device says of a port of a LAG by IEEE8023-LAG-MIB: it is attached, or it has selected the LAG and waits, as one beyond the number
 * that may be in use, or neither. Of one that is attached the states are not looked at: where no LACP is spoken they say nothing.
 */
export function judgeAttachment({ role, aggregator, actorState }: LacpPort): LacpVerdict {
  if (role !== "backup") return { is: "distributing", why: "" };
  if (has(actorState, STATE.defaulted | STATE.expired)) return { is: "failed", why: "no LACP partner" };
  return aggregator === undefined
    ? { is: "failed", why: "link up, and not attached to the LAG" }
    : { is: "standby", why: "selected for the LAG, and not attached to it" };
}

/** Whether nobody answers LACP at the other end; no where the system does not say. */
export function isDefaulted({ actorState }: Pick<LacpPort, "actorState">): boolean {
  return has(actorState, STATE.defaulted);
}

function has(state: number | undefined, bits: number): boolean {
  return ((state ?? 0) & bits) !== 0;
}

/**
 * The aggregator in use. A port that carries traffic is in it; the bond's own word comes second, because the kernel tells of a
 * port's role as it changes, and of the aggregator only with the next news of the bond.
 */
export function activeAggregator(
  told: number | undefined,
  ports: readonly Pick<LacpPort, "role" | "aggregator">[],
): number | undefined {
  return ports.find(({ role }) => role === "active")?.aggregator ?? told;
}

/** Whether LACP uses a port: by its role, or where that is not told, by its aggregator. */
export function isDistributing(port: Pick<LacpPort, "role" | "aggregator">, active: number | undefined): boolean {
  if (port.role !== undefined) return port.role === "active";
  return active === undefined || port.aggregator === active;
}
