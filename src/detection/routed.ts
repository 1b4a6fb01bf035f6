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
  return new Map(uplinks.map((uplink) => [uplink.device, judge(uplink)]));
}

function judge({ adminUp, running, offlined, route }: RoutedObservation): Verdict {
  const offline = offlined || !adminUp;
  const failed = !offline && !running;
  const waits = !offline && !failed && (route.rank === "none" || route.rank === "reserve");
  return {
    running,
    failed,
    offline,
    inactive: waits,
    standby: route.standby,
    unused: waits && route.rank === "none",
    why: waits || failed ? reason(failed, route) : undefined,
  };
}

function reason(
  failed: boolean,
  { rank, metric, than, usedWithoutCarrier }: RoutedObservation["route"],
): string | undefined {
  if (failed)
    return usedWithoutCarrier
      ? "link down, and the kernel still routes over it (ignore_routes_with_linkdown is 0)"
      : undefined;
  if (rank === "none") return "no default route uses it";
  return metric === than
    ? "standby: another default route of the same metric comes first"
    : `standby: its default route has metric ${metric}, the one in use ${than}`;
}
