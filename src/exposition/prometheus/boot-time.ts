/** When counters began, for formats that say so: starts are on the clock of snapshots, and dates are wanted. */

import type { Snapshot } from "../../snapshot/snapshot.ts";

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** The clock of the day is slewed by some parts in a million all the time. More than this, in nanoseconds, is a new opinion. */
const SAME = 1_000_000_000n;

/**
 * Remembers when the clock of snapshots stood at 0, so that the start of a counter is the same date in every scrape: to Prometheus another
 * date is another counter.
 */
export class BootTime {
  #boot: bigint | undefined;

  /** Nanoseconds since 1970. */
  of({ at, wallMs }: Pick<Snapshot, "at" | "wallMs">): bigint {
    const now = BigInt(Math.round(wallMs)) * NANOSECONDS_PER_MILLISECOND - at;
    const before = this.#boot;
    if (before !== undefined && now - before < SAME && before - now < SAME) return before;
    this.#boot = now;
    return now;
  }
}
