/** Uplinks that lie on one another: what one of them carries, the other has counted too. */

import { linkBelow } from "../link/stacked.ts";
import type { UplinkCandidate } from "./default-route.ts";

/** An uplink whose traffic another uplink counts. */
export interface CountedTwice {
  readonly ifindex: number;
  readonly by: number;
}

/**
 * Uplinks that a total must leave out: one whose master is an uplink too (the virtual function below hv_netvsc, the slave of a bond), and
 * one that lies on another uplink (MACsec, a VLAN).
 */
export function countedTwice(uplinks: readonly number[], links: readonly UplinkCandidate[]): CountedTwice[] {
  const all = new Set(uplinks);
  const byIfindex = new Map(links.map((link) => [link.ifindex, link]));
  const above = (ifindex: number) => byIfindex.get(ifindex)?.masterIfindex;
  const below = (ifindex: number) => linkBelow(byIfindex.get(ifindex));
  return uplinks.flatMap((ifindex) => {
    const by = firstOf(all, ifindex, above) ?? firstOf(all, ifindex, below);
    return by === undefined ? [] : [{ ifindex, by }];
  });
}

/** The first link on the way from `start`, in steps of `next`, that is among `wanted`. */
function firstOf(
  wanted: ReadonlySet<number>,
  start: number,
  next: (ifindex: number) => number | undefined,
): number | undefined {
  const seen = new Set([start]);
  for (let at = next(start); at !== undefined && !seen.has(at); at = next(at)) {
    if (wanted.has(at)) return at;
    seen.add(at);
  }
  return undefined;
}
