/**
 * The group that a host has without configuration: its uplinks. They are the next hops of a multipath default route; failing
 * that, when nothing is configured, the interfaces that carry a default route; failing that, all links with a device
 * behind them.
 */

import type { Route } from "./route-use.ts";
import type { GroupRule, MemberRule } from "./rule.ts";

/** Name of the group of uplinks, and of its meta-interface. */
export const DEFAULT_GROUP = "default";

/** Default routes and links, from which the uplinks are found. */
export interface UplinkFacts {
  readonly routes: readonly Route[];
  readonly links: readonly UplinkCandidate[];
}

export interface UplinkCandidate {
  readonly ifindex: number;
  readonly hasDevice: boolean;
  /** A link that is down loses its routes, and stays an uplink all the same. */
  readonly running: boolean;
  readonly kind?: string | undefined;
  readonly masterIfindex?: number | undefined;
  readonly lowerIfindex?: number | undefined;
}

export type UplinkSource = "route" | "default";

/** The uplinks that were found. Given again at the next look: a link that fails loses its route and must stay a member. */
export interface Uplinks {
  readonly source: UplinkSource;
  /** How they were found: 1 multipath route, 2 single-path routes, 3 links with a device. A group never goes back to a weaker one. */
  readonly rank: 1 | 2 | 3;
  readonly members: readonly number[];
}

export interface UplinkSearch {
  /** Whether single-path routes and links with a device count too: nothing is configured. */
  readonly fallback: boolean;
  /** Whether uplinks stay that work and that no route uses any more: until the configuration is loaded again. */
  readonly keepWithdrawn: boolean;
}

/**
 * The group of uplinks now; undefined while there is none.
 *
 * An uplink that no route uses any more stays: with its link down its route has gone with it, and beside uplinks that are still used
 * somebody has withdrawn it. Only when the routes lead over other links altogether do the old ones go.
 */
export function findUplinks(
  facts: UplinkFacts,
  previous: Uplinks | undefined,
  { fallback, keepWithdrawn }: UplinkSearch,
): Uplinks | undefined {
  const found = best(facts, fallback);
  if (!previous) return found;
  // Nothing as good as last time was found: the routes are gone and may come back, so the members stay.
  const current = found && found.rank <= previous.rank ? found : previous;
  const present = new Map(facts.links.map((link) => [link.ifindex, link]));
  const isDown = (ifindex: number) => present.get(ifindex)?.running === false;
  const goesOn = current.members.some((ifindex) => previous.members.includes(ifindex));
  const kept = previous.rank === 3 ? [] : previous.members.filter((ifindex) => goesOn || isDown(ifindex));
  const members = unique([...current.members, ...kept]).filter((ifindex) => present.has(ifindex));
  const routed = new Set(facts.routes.flatMap(hopsOf));
  const needed = members.filter((ifindex) => routed.has(ifindex) || isDown(ifindex));
  return { ...current, members: keepWithdrawn || needed.length === 0 || current.rank === 3 ? members : needed };
}

function best({ routes, links }: UplinkFacts, fallback: boolean): Uplinks | undefined {
  const multipath = routes.filter((route) => hopsOf(route).length > 1);
  if (multipath.length > 0) {
    // Worse routes of the same family are their reserve.
    const families = new Set(multipath.map(({ family }) => family));
    const others = routes.filter(({ family }) => families.has(family));
    return { source: "route", rank: 1, members: unique([...multipath, ...others].flatMap(hopsOf)) };
  }
  if (!fallback) return undefined;
  const carriers = unique(routes.flatMap(hopsOf));
  if (carriers.length > 0) return { source: "default", rank: 2, members: carriers };
  const devices = links.filter(({ hasDevice }) => hasDevice).map(({ ifindex }) => ifindex);
  return devices.length > 0 ? { source: "default", rank: 3, members: devices } : undefined;
}

function hopsOf({ nextHops }: Route): number[] {
  return unique(nextHops.map(({ ifindex }) => ifindex));
}

/** The rule that makes the group: links by ifindex, whatever they are called. */
export function defaultGroupRule(uplinks: readonly number[]): GroupRule {
  const members = uplinks.map((ifindex): MemberRule => ({ kind: "ifindex", ifindex, standby: false }));
  return { group: DEFAULT_GROUP, members };
}

function unique(ifindexes: readonly number[]): number[] {
  return [...new Set(ifindexes)];
}
