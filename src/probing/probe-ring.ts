/** The last 52 judged probes of an instance, and what became of each (mpd_tables.h, struct probe_stats; PROBE_STATS_COUNT). */

import { ahead, type Sequence } from "./sequence.ts";
import type { Target } from "./target.ts";
import type { Milliseconds, Nanoseconds } from "./time.ts";

/** Five times the ten answers that make a repair, and two for those under way. */
export const RING_SLOTS = 52;

export type ProbeStatus = "unused" | "pending" | "acked" | "lost";

export class Probe {
  status: ProbeStatus = "unused";
  id: Sequence = 0;
  /** Undefined in an unused slot, and when the target is gone. */
  target: Target | undefined = undefined;
  sentAt: Nanoseconds = 0;
  /** When its answer was processed here, and when the system received it. */
  processedAt: Nanoseconds = 0;
  receivedAt: Nanoseconds = 0;
  /** When it was lost. A slot that is used again keeps it until its probe is lost too. */
  lostAt: Milliseconds = 0;

  clear(): void {
    this.status = "unused";
    this.id = 0;
    this.target = undefined;
    this.sentAt = 0;
    this.processedAt = 0;
    this.receivedAt = 0;
    this.lostAt = 0;
  }
}

export class ProbeRing {
  /** In the order in which they lie in memory, not of time. */
  readonly slots: readonly Probe[] = Array.from({ length: RING_SLOTS }, () => new Probe());
  /** The slot that is written next: the oldest. */
  #position = 0;

  get oldest(): Probe {
    return this.newest(RING_SLOTS);
  }

  /** The `rank`-th newest, from 1. */
  newest(rank: number): Probe {
    const slot = this.slots[(this.#position - rank + RING_SLOTS) % RING_SLOTS];
    if (slot === undefined) throw new RangeError(`The ring has slots 1 to ${RING_SLOTS}: ${rank} was asked for`);
    return slot;
  }

  /** From the newest to the oldest but one, which are those that in.mpathd counts in. */
  *[Symbol.iterator](): Generator<Probe, void> {
    for (let rank = 1; rank < RING_SLOTS; rank++) yield this.newest(rank);
  }

  /** The oldest slot becomes the newest. */
  push(): void {
    this.#position = (this.#position + 1) % RING_SLOTS;
  }

  clear(): void {
    for (const slot of this.slots) slot.clear();
    this.#position = 0;
  }

  count(status: ProbeStatus): number {
    let count = 0;
    for (const slot of this.slots) if (slot.status === status) count++;
    return count;
  }
}

/** Whether the number of an answer is one of the 52 last sent. */
export function isInWindow(answer: Sequence, nextSequence: Sequence): boolean {
  const distance = ahead(answer, nextSequence);
  return distance < 0 && distance >= -RING_SLOTS;
}
