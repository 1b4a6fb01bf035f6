/** The groups that the link layer has made: bonding masters, teams, and LAGs of devices, each with the links whose master it is. */

import type { AggregateKind } from "../link/aggregate.ts";
import type { GroupRule } from "./rule.ts";

export interface AggregateCandidate {
  readonly ifindex: number;
  readonly adminUp: boolean;
  readonly masterIfindex: number | undefined;
  readonly aggregate?: { readonly kind: AggregateKind } | undefined;
}

/** Kinds to look for. */
export interface AggregateKinds {
  readonly bond: boolean;
  readonly team: boolean;
}

/**
 * The aggregates that are groups. One that is down and has no ports is not one yet: loading the bonding module makes such a bond without
 * anybody's wish. `known` are those that were groups already; they stay groups whatever happens to their ports.
 */
export function findAggregates<L extends AggregateCandidate>(
  links: Iterable<L>,
  kinds: AggregateKinds,
  known: ReadonlySet<number>,
): L[] {
  const all = [...links];
  const masters = new Set(all.map(({ masterIfindex }) => masterIfindex));
  return all.filter(
    ({ ifindex, adminUp, aggregate }) =>
      aggregate !== undefined &&
      aggregate.kind !== "lag" &&
      kinds[aggregate.kind] &&
      (adminUp || masters.has(ifindex) || known.has(ifindex)),
  );
}

/** The rule that makes the group: links by their master. `source`: whose links, where not this host's. */
export function aggregateRule(group: string, ifindex: number, source?: string): GroupRule {
  return { group, members: [{ kind: "master", ifindex, standby: false, ...(source === undefined ? {} : { source }) }] };
}

export interface LagCandidate extends AggregateCandidate {
  readonly name: string;
  readonly masterName?: string | undefined;
}

export interface Lag {
  readonly ifindex: number;
  readonly name: string;
}

/**
 * The LAGs of one device that are groups: those that have a port. Devices list LAGs by the hundred that nobody has put a port into. `known`, by
 * name, are those that were groups already; they stay groups for as long as the device has them.
 */
export function findLags(links: Iterable<LagCandidate>, known: ReadonlySet<string>): Lag[] {
  const found = new Map<string, Lag>();
  for (const { ifindex, name, aggregate, masterIfindex, masterName } of links) {
    if (masterIfindex !== undefined && masterName !== undefined)
      found.set(masterName, { ifindex: masterIfindex, name: masterName });
    if (aggregate?.kind === "lag" && known.has(name)) found.set(name, { ifindex, name });
  }
  return [...found.values()];
}
