/** Reads the clocks for the daemon. The loop, its rooms and the pure folders are given the time. */

import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";

export interface Clock {
  /** Monotonic, since boot. */
  now(): Hrtime;
  /** Milliseconds since 1970; may step. */
  wallMs(): number;
}

export const systemClock: Clock = {
  now: () => hrtime(process.hrtime.bigint()),
  wallMs: () => Date.now(),
};
