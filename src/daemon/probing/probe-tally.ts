/** What became of the probes of one member in one family: counts that never fall, and round trips by length. */

import { Observations } from "../../histogram/observations.ts";
import { type ProbeCounts, UNKNOWN_REASONS, type UnknownReason } from "../../snapshot/probes.ts";

/** Seconds. From a cable to the other side of the world. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** Nothing answers within a microsecond, and nobody waits for an answer for longer than two minutes. */
const ROUND_TRIPS = { bounds: BOUNDS, smallest: 1e-6, largest: 128 };

const NANOSECONDS_PER_SECOND = 1e9;

export class ProbeTally {
  sent = 0;
  acked = 0;
  lost = 0;
  late = 0;
  sendErrors = 0;
  readonly #unknown = new Map<UnknownReason, number>();
  readonly #roundTrips = new Observations(ROUND_TRIPS);

  unknown(reason: UnknownReason): void {
    this.#unknown.set(reason, (this.#unknown.get(reason) ?? 0) + 1);
  }

  /** Nanoseconds; less than nothing when the wall clock was set between the two. */
  roundTrip(duration: number): void {
    this.#roundTrips.observe(Math.max(0, duration) / NANOSECONDS_PER_SECOND);
  }

  snapshot(): ProbeCounts {
    const { sent, acked, lost, late, sendErrors } = this;
    const reasons = UNKNOWN_REASONS.map((reason) => [reason, this.#unknown.get(reason) ?? 0]);
    return {
      sent,
      acked,
      lost,
      late,
      sendErrors,
      unknown: Object.fromEntries(reasons) as Record<UnknownReason, number>, // all of them
      roundTrips: this.#roundTrips.snapshot(),
    };
  }
}
