/**
 * Who works in a group of uplinks: whoever has a link and a default route. The kernel chooses among the routes, so nothing is balanced
 * here: what a route no longer uses is inactive, not failed, and a worse route waits.
 */

import { isFunctioning, judgeAlone, type Observation, type Verdict, type Verdicts } from "./link-based.ts";

export interface RoutedObservation extends Observation {
  readonly route: {
    readonly rank: "best" | "reserve" | "none" | "dead" | "silent" | "blocked" | "unknown";
    readonly metric?: number | undefined;
    readonly than?: number | undefined;
    readonly standby: boolean;
    readonly usedWithoutCarrier: boolean;
  };
}

type RouteUse = RoutedObservation["route"];

export function detectRouted(uplinks: readonly RoutedObservation[]): Verdicts {
  return new Map(uplinks.map((uplink) => [uplink.key, judge(uplink)]));
}

function judge(uplink: RoutedObservation): Verdict {
  const { route } = uplink;
  const alone = judgeAlone(uplink);
  const isLost = alone.failed && !alone.running;
  const waits = isFunctioning(alone) ? WHY_INACTIVE[route.rank]?.(route) : undefined;
  const why = isLost ? whyLost(route) : (waits ?? alone.why);
  return { ...alone, inactive: waits !== undefined, standby: route.standby, why };
}

function whyLost({ usedWithoutCarrier }: RouteUse): string | undefined {
  return usedWithoutCarrier
    ? "link down, and the kernel still routes over it (ignore_routes_with_linkdown is 0)"
    : undefined;
}

/** Why an uplink that works is not in use, by what its routes make of it. */
const WHY_INACTIVE: Partial<Record<RouteUse["rank"], (route: RouteUse) => string>> = {
  none: () => "no default route uses it",
  dead: () => "the kernel has given up its next hop: has the link an address that reaches the router?",
  silent: () => "its router does not answer, and the kernel sends nothing to it",
  blocked: ({ metric, than }) =>
    `a default route of metric ${than} that leads nowhere comes before its own, of ${metric}`,
  reserve: ({ metric, than }) =>
    metric === than
      ? "standby: another default route of the same metric comes first"
      : `standby: its default route has metric ${metric}, the one in use ${than}`,
};
