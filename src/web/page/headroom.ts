/** What a group could still carry if its fastest member went, as the dashboards say it: against the busier direction of now. */

import type { GroupSnapshot } from "../../snapshot/snapshot.ts";
import type { Rate } from "./traffic-history.ts";

export interface Headroom {
  /** Bits per second of all usable members. */
  readonly capacity: number;
  /** The same without the fastest one. */
  readonly withoutLargest: number;
  /** `withoutLargest` less what is carried now; negative when it would not fit. Undefined while nothing is known of that. */
  readonly left: number | undefined;
}

/** Undefined when the speed of a usable member is unknown. */
export function headroom(group: GroupSnapshot, now: Rate | undefined): Headroom | undefined {
  const usable = group.members.filter(({ state }) => state === "active" || state === "inactive");
  const speeds = usable.flatMap(({ link }) => link.attributes.speedBitsPerSecond ?? []);
  if (speeds.length < usable.length) return undefined;
  const capacity = speeds.reduce((sum, speed) => sum + speed, 0);
  const withoutLargest = capacity - Math.max(0, ...speeds);
  return { capacity, withoutLargest, left: now && withoutLargest - Math.max(now.receive, now.transmit) };
}
