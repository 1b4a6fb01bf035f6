/** A clock and timers that stand still until they are told to move. The daemon's own timers run on them. */

import type { Clock } from "#src/daemon/process/clock.js";
import { type Hrtime, hrtime } from "#src/kstat/hrtime.js";

interface Timer {
  readonly at: bigint;
  readonly run: () => void;
}

/** Nanoseconds that pass with each look at the clock, so that no two things happen at once. */
const STEP = 1_000n;
const NANOSECONDS_PER_MS = 1_000_000n;

export class VirtualTime implements Clock {
  #now = 1_000_000_000n;
  #wallMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): Hrtime {
    this.#now += STEP;
    return hrtime(this.#now);
  }

  wallMs(): number {
    return this.#wallMs;
  }

  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** The monotonic clock begins again. */
  reboot(): void {
    this.#now = 1_000_000_000n;
    this.#timers.clear();
  }

  /** The process is gone, and its timers with it. */
  forgetTimers(): void {
    this.#timers.clear();
  }

  /** Lets time pass; timers fire when they are due. */
  pass(ms: number): void {
    const end = this.#now + BigInt(ms) * NANOSECONDS_PER_MS;
    this.#wallMs += ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => (a.at < b.at ? -1 : 1))[0];
      if (!due) break;
      this.#timers.delete(due);
      if (due.at > this.#now) this.#now = due.at;
      due.run();
    }
    if (end > this.#now) this.#now = end;
  }

  /** Runs `body` with setTimeout and clearTimeout on this clock. */
  while<T>(body: () => T): T {
    const { setTimeout, clearTimeout } = globalThis;
    // What the daemon uses of a timer is that it can be cleared and unref'd.
    globalThis.setTimeout = ((run: () => void, ms: number) => this.#set(run, ms)) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((timer: Timer | undefined) => {
      if (timer) this.#timers.delete(timer);
    }) as typeof clearTimeout;
    try {
      return body();
    } finally {
      globalThis.setTimeout = setTimeout;
      globalThis.clearTimeout = clearTimeout;
    }
  }

  #set(run: () => void, ms: number): Timer & { unref(): Timer } {
    const timer = { at: this.#now + BigInt(ms) * NANOSECONDS_PER_MS, run, unref: (): Timer => timer };
    this.#timers.add(timer);
    return timer;
  }
}
