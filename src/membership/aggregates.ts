/** The groups that the link layer has made: bonding masters and teams, each with the links whose master it is. */

import type { GroupRule } from "./rule.ts";

export interface AggregateCandidate {
  readonly ifindex: number;
  readonly adminUp: boolean;
  readonly masterIfindex: number | undefined;
  readonly aggregate?: { readonly kind: "bond" | "team" } | undefined;
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
      aggregate !== undefined && kinds[aggregate.kind] && (adminUp || masters.has(ifindex) || known.has(ifindex)),
  );
}

/** The rule that makes the group: links by their master. */
export function aggregateRule(group: string, ifindex: number): GroupRule {
  return { group, members: [{ kind: "master", ifindex, standby: false }] };
}
