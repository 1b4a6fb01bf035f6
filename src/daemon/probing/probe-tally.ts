/** What became of the probes of one member in one family: counts that never fall, and round trips by length. */

import { type ProbeCounts, UNKNOWN_REASONS, type UnknownReason } from "../../snapshot/probes.ts";

/** Seconds. From a cable to the other side of the world. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

const NANOSECONDS_PER_SECOND = 1e9;

export class ProbeTally {
  sent = 0;
  acked = 0;
  lost = 0;
  late = 0;
  sendErrors = 0;
  readonly #unknown = new Map<UnknownReason, number>();
  /** By bound; those that are longer than all bounds are in the count alone. */
  readonly #roundTrips = new Float64Array(BOUNDS.length);
  #count = 0;
  #sumNs = 0;

  unknown(reason: UnknownReason): void {
    this.#unknown.set(reason, (this.#unknown.get(reason) ?? 0) + 1);
  }

  /** Nanoseconds; less than nothing when the wall clock was set between the two. */
  roundTrip(duration: number): void {
    const nanoseconds = Math.max(0, duration);
    const bucket = BOUNDS.findIndex((bound) => nanoseconds <= bound * NANOSECONDS_PER_SECOND);
    if (bucket >= 0) this.#roundTrips[bucket] = (this.#roundTrips[bucket] ?? 0) + 1;
    this.#count++;
    this.#sumNs += nanoseconds;
  }

  snapshot(): ProbeCounts {
    let below = 0;
    const buckets = BOUNDS.map((bound, index) => {
      below += this.#roundTrips[index] ?? 0;
      return { bound, count: below };
    });
    const { sent, acked, lost, late, sendErrors } = this;
    const reasons = UNKNOWN_REASONS.map((reason) => [reason, this.#unknown.get(reason) ?? 0]);
    return {
      sent,
      acked,
      lost,
      late,
      sendErrors,
      unknown: Object.fromEntries(reasons) as Record<UnknownReason, number>, // all of them
      roundTrips: { buckets, count: this.#count, sum: this.#sumNs / NANOSECONDS_PER_SECOND },
    };
  }
}
