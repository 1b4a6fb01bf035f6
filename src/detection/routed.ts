/**
 * Who works in a group of uplinks: whoever has a link and a default route. The kernel chooses among the routes, so nothing is balanced
 * here: what a route no longer uses is inactive, not failed, and a worse route waits.
 */

import { isFunctioning, judgeAlone, type Observation, type Verdict, type Verdicts } from "./link-based.ts";

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

function judge(uplink: RoutedObservation): Verdict {
  const { route } = uplink;
  const alone = judgeAlone(uplink);
  const isLost = alone.failed && !alone.running;
  const inactive = isFunctioning(alone) && (route.rank === "none" || route.rank === "reserve");
  const why = isLost ? whyLost(route) : inactive ? whyInactive(route) : alone.why;
  return { ...alone, inactive, standby: route.standby, why };
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
