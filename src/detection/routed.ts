/**
 * Who works in a group of uplinks: whoever has a link and a default route. The kernel chooses among the routes, so nothing is balanced
 * here: what a route no longer uses is inactive, not failed, and a worse route waits.
 */

import type { Observation, Verdict, Verdicts } from "./link-based.ts";

export interface RoutedObservation extends Observation {
  readonly route: {
    readonly rank: "best" | "reserve" | "none" | "unknown";
    readonly metric?: number | undefined;
    readonly than?: number | undefined;
    readonly standby: boolean;
    readonly usedWithoutCarrier: boolean;
  };
}

export function detectRouted(uplinks: readonly RoutedObservation[]): Verdicts {
  return new Map(uplinks.map((uplink) => [uplink.key, judge(uplink)]));
}

function judge({ adminUp, running, offlined, probeFailure, route }: RoutedObservation): Verdict {
  const offline = offlined || !adminUp;
  const lost = !offline && !running;
  const failed = lost || (!offline && probeFailure !== undefined);
  const inactive = !offline && !failed && (route.rank === "none" || route.rank === "reserve");
  const why = lost ? whyLost(route) : failed ? probeFailure : inactive ? whyInactive(route) : undefined;
  return { running, failed, offline, inactive, standby: route.standby, why };
}

function whyLost({ usedWithoutCarrier }: RoutedObservation["route"]): string | undefined {
  return usedWithoutCarrier
    ? "link down, and the kernel still routes over it (ignore_routes_with_linkdown is 0)"
    : undefined;
}

function whyInactive({ rank, metric, than }: RoutedObservation["route"]): string {
  if (rank === "none") return "no default route uses it";
  return metric === than
    ? "standby: another default route of the same metric comes first"
    : `standby: its default route has metric ${metric}, the one in use ${than}`;
}
