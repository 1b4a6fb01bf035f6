/**
 * What the default routes of a host make of each of its uplinks: used, in reserve behind a better route, or left out of every route.
 * As the kernel chooses (fib_table_lookup of net/ipv4, find_rr_leaf of net/ipv6): the lowest metric first, of one metric the first IPv4
 * route, the most preferred of router advertisements (RFC 4191).
 */

export interface Route {
  readonly family: "ipv4" | "ipv6";
  readonly metric: number;
  readonly nextHops: readonly Hop[];
  /** Learnt from a router advertisement: of several such routes that are alike the kernel uses one, and does not tell which. */
  readonly advertised?: "high" | "medium" | "low";
  /** It may have next hops that cannot be seen. */
  readonly incomplete?: true;
  /** It turns traffic away, also from worse routes (unreachable, blackhole, prohibit). */
  readonly leadsNowhere?: true;
}

export interface Hop {
  readonly ifindex: number;
  readonly weight: number;
  /** Nothing gets through it now. */
  readonly dead: boolean;
  /** The kernel sends through it all the same. */
  readonly usedWithoutCarrier?: true;
  /** Dead because its router does not answer: the kernel sends to another one of the route, and to no worse route. */
  readonly unanswered?: true;
}

/**
 * `best`: no default route that works is better than the uplink's. `reserve`: one is, and `than` is its metric. `none`: no default
 * route leads over the uplink. `dead`: one does, and the kernel has given its next hop up although the link works, as without an address.
 * `silent`: the kernel has given it up because its router does not answer. `blocked`: a better one, of metric `than`, leads nowhere.
 * `unknown`: there may be one, which cannot be seen.
 */
export type RouteRank = "best" | "reserve" | "none" | "dead" | "silent" | "blocked" | "unknown";

/** Whether the uplink carries traffic, or would as soon as the better ones are lost. */
export function isReachable(rank: RouteRank | undefined): boolean {
  return rank !== "none" && rank !== "dead" && rank !== "silent" && rank !== "blocked";
}

export interface RouteUse {
  readonly rank: RouteRank;
  /** The metric of its best route, and of the better one that is used instead, or in its way. */
  readonly metric?: number | undefined;
  readonly than?: number | undefined;
  /** Whether it is the reserve of another uplink even while it is in use. */
  readonly standby: boolean;
  /** Whether the kernel sends through it now; undefined where it does not tell. */
  readonly inRoute: boolean | undefined;
  /** It has no carrier, and the kernel sends through it all the same. */
  readonly usedWithoutCarrier: boolean;
  /** Its share among the next hops of the route in use. */
  readonly weight: number | undefined;
}

/** Routes that come before or after others, never beside them. */
interface Tier {
  readonly metric: number;
  readonly hops: readonly Hop[];
  /** Whether the kernel spreads traffic over all hops. */
  readonly isSpread: boolean;
  /** Whether it ends the search: worse tiers are never looked at. */
  readonly leadsNowhere: boolean;
  /** Of router advertisements: while no router of it answers, the kernel tries those of a worse preference. */
  readonly isAdvertised: boolean;
}

/** @param works whether the link can carry traffic */
export function routeUses(
  routes: readonly Route[],
  uplinks: readonly number[],
  works: (ifindex: number) => boolean,
): Map<number, RouteUse> {
  const families = (["ipv4", "ipv6"] as const).map((family) =>
    tiersOf(routes.filter((route) => route.family === family)),
  );
  const isIncomplete = routes.some(({ incomplete }) => incomplete);
  return new Map(uplinks.map((ifindex) => [ifindex, useOf(ifindex, families, works, isIncomplete)]));
}

const NONE: RouteUse = { rank: "none", standby: false, inRoute: false, usedWithoutCarrier: false, weight: undefined };
const UNKNOWN: RouteUse = { ...NONE, rank: "unknown", inRoute: undefined };

/** The best that a family makes of it. */
function useOf(
  ifindex: number,
  families: readonly (readonly Tier[])[],
  works: (ifindex: number) => boolean,
  isIncomplete: boolean,
): RouteUse {
  const uses = families.flatMap((tiers) => useInFamily(ifindex, tiers, works) ?? []);
  const best = uses.find(({ rank }) => rank === "best") ?? uses.find(({ rank }) => isReachable(rank)) ?? uses[0];
  if (!best) return isIncomplete ? UNKNOWN : NONE;
  return {
    ...best,
    standby: uses.every(({ standby }) => standby),
    inRoute: uses.some(({ inRoute }) => inRoute)
      ? true
      : uses.some(({ inRoute }) => inRoute === undefined)
        ? undefined
        : false,
    usedWithoutCarrier: uses.some((use) => use.usedWithoutCarrier),
    weight: uses.find(({ weight }) => weight !== undefined)?.weight,
  };
}

function useInFamily(
  ifindex: number,
  tiers: readonly Tier[],
  works: (ifindex: number) => boolean,
): RouteUse | undefined {
  const hasHop = (isWanted: (hop: Hop) => boolean) =>
    tiers.findIndex(({ hops }) => hops.some((hop) => hop.ifindex === ifindex && isWanted(hop)));
  const used = hasHop(isUsed);
  const at = used >= 0 ? used : hasHop(() => true); // its best route that the kernel has not given up
  const tier = tiers[at];
  if (!tier) return undefined;
  const better = tiers.slice(0, at).find((one) => endsSearch(one, (hop) => !hop.dead, works));
  const hop = kernelsHop(ifindex, tiers);
  const isGivenUp = works(ifindex) && used < 0;
  const isSilent = tier.hops.some((hop) => hop.ifindex === ifindex && hop.unanswered);
  const givenUp = isSilent ? "silent" : "dead";
  return {
    rank: better?.leadsNowhere ? "blocked" : isGivenUp ? givenUp : better ? "reserve" : "best",
    metric: tier.metric,
    than: better?.metric,
    standby: at > 0,
    inRoute: hop.inRoute,
    usedWithoutCarrier:
      hop.inRoute === true && tier.hops.some((own) => own.ifindex === ifindex && own.usedWithoutCarrier),
    weight: hop.weight,
  };
}

/** What the kernel does with the uplink, whatever we think of its link. */
function kernelsHop(ifindex: number, tiers: readonly Tier[]): Pick<RouteUse, "inRoute" | "weight"> {
  const inUse = tiers.find((tier) => endsSearch(tier, isUsed));
  const hops = inUse?.hops.filter((hop) => hop.ifindex === ifindex && isUsed(hop)) ?? [];
  if (!inUse || hops.length === 0) return { inRoute: false, weight: undefined };
  const isSure = inUse.isSpread || new Set(inUse.hops.filter(isUsed).map((hop) => hop.ifindex)).size === 1;
  return isSure
    ? { inRoute: true, weight: hops.reduce((sum, { weight }) => sum + weight, 0) }
    : { inRoute: undefined, weight: undefined };
}

/** Whether worse tiers are not looked at: also where its routers do not answer, unless they are those that have advertised themselves. */
function endsSearch(
  { hops, leadsNowhere, isAdvertised }: Tier,
  isTaken: (hop: Hop) => boolean,
  works: (ifindex: number) => boolean = () => true,
): boolean {
  const holds = (hop: Hop) => isTaken(hop) || (hop.unanswered && !isAdvertised);
  return leadsNowhere || hops.some((hop) => holds(hop) && works(hop.ifindex));
}

function isUsed({ dead, usedWithoutCarrier }: Hop): boolean {
  return !dead || usedWithoutCarrier === true;
}

const PREFERENCES = ["high", "medium", "low"];

/** The routes of one family, best first; advertised ones that are alike are one tier. */
function tiersOf(routes: readonly Route[]): Tier[] {
  const order = (route: Route) => PREFERENCES.indexOf(route.advertised ?? "medium");
  const sorted = routes.toSorted((a, b) => a.metric - b.metric || order(a) - order(b)); // stable: of equals the first is first
  const tiers: (Tier & { hops: Hop[]; isSpread: boolean; alike: string })[] = [];
  for (const { metric, nextHops, advertised, leadsNowhere = false } of sorted) {
    const alike = `${metric} ${advertised}`;
    const last = tiers.at(-1);
    if (advertised !== undefined && last?.alike === alike) {
      last.hops.push(...nextHops);
      last.isSpread = false;
    } else
      tiers.push({
        metric,
        hops: [...nextHops],
        isSpread: true,
        leadsNowhere,
        isAdvertised: advertised !== undefined,
        alike,
      });
  }
  return tiers;
}
