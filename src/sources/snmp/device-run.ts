/** One run of a device, from when it or its agent was started: what a later run of the program knows it by. */

import type { Uptime } from "./uptime.ts";

/**
 * Which run of which device it is, and where it stood when that was first seen: by this a later run of the program can tell whether
 * counters go on. Nothing of it changes while the device runs on and its links have no discontinuities.
 */
export interface DeviceRun {
  readonly engine: string;
  readonly uptime: Uptime;
  /** ifCounterDiscontinuityTime of its links, by ifIndex. */
  readonly discontinuities: ReadonlyMap<number, number>;
}

export function isSameRun(before: DeviceRun, now: DeviceRun): boolean {
  return (
    before.engine === now.engine &&
    before.uptime === now.uptime &&
    before.discontinuities.size === now.discontinuities.size &&
    [...now.discontinuities].every(([ifindex, ticks]) => before.discontinuities.get(ifindex) === ticks)
  );
}
