/** What is said of many groups or members together, so that no face counts or adds up by itself. */

import type { CapacitySnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";

/** How many are in each state, those that nobody is in included. */
export function countByState<State extends string>(
  states: readonly State[],
  of: readonly { readonly state: State }[],
): Record<State, number> {
  // Every state has its place.
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
  for (const { state } of of) counts[state]++;
  return counts;
}

export function countOfAllReasons(byReason: Readonly<Record<string, bigint>>): bigint {
  let count = 0n;
  for (const reason in byReason) count += byReason[reason] ?? 0n;
  return count;
}

/** Of active members and those in reserve; undefined when the speed of one of them is unknown. */
export function capacityOf(
  members: readonly Pick<MemberSnapshot, "state" | "route" | "link">[],
): CapacitySnapshot | undefined {
  let bitsPerSecond = 0;
  let largest = 0;
  for (const { state, route, link } of members) {
    if (state !== "active" && (state !== "inactive" || route?.isReachable === false)) continue;
    const speed = link.attributes.speedBitsPerSecond;
    if (speed === undefined) return undefined;
    bitsPerSecond += speed;
    largest = Math.max(largest, speed);
  }
  return { bitsPerSecond, withoutLargestBitsPerSecond: bitsPerSecond - largest };
}
