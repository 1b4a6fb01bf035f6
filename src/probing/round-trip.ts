/**
 * The estimate of a target's round trip: Jacobson's smoothed average and deviation in scaled integers (mpd_probe.c, compute_crtt;
 * V. Jacobson, "Congestion Avoidance and Control", appendix A).
 */

import { type Nanoseconds, wholeMilliseconds } from "./time.ts";

export interface RoundTrip {
  /** Eight times the smoothed average in nanoseconds; -1 before the first sample. */
  readonly average8: number;
  /** Four times the smoothed deviation in nanoseconds. */
  readonly deviation4: number;
  /** The conservative round trip: average plus four deviations. A probe without an answer after that long is lost. 0: none is known. */
  readonly conservativeMs: number;
}

export const UNKNOWN: RoundTrip = { average8: -1, deviation4: 0, conservativeMs: 0 };

/** The estimate after one more sample. A conservative round trip is never stored as less than `leastMs`. */
export function withSample({ average8, deviation4 }: RoundTrip, sample: Nanoseconds, leastMs: number): RoundTrip {
  if (average8 === -1) return estimate(8 * sample, 2 * sample, leastMs);
  const error = sample - Math.floor(average8 / 8);
  return estimate(Math.max(0, average8 + error), deviation4 + Math.abs(error) - Math.floor(deviation4 / 4), leastMs);
}

function estimate(average8: number, deviation4: number, leastMs: number): RoundTrip {
  const conservative = Math.floor(average8 / 8) + deviation4;
  return { average8, deviation4, conservativeMs: Math.max(leastMs, wholeMilliseconds(conservative)) };
}

/** As ipmpstat -p prints it: 0 before the first sample. */
export function averageOf({ average8 }: RoundTrip): Nanoseconds {
  return average8 < 0 ? 0 : Math.floor(average8 / 8);
}

export function deviationOf({ deviation4 }: RoundTrip): Nanoseconds {
  return Math.floor(deviation4 / 4);
}
