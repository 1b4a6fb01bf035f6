/** The one alarm of the machine, and the start of an instance's timer (mpd_main.c, timer_schedule; mpd_probe.c, start_timer). */

import type { Instance } from "./instance.ts";
import {
  after,
  clockMilliseconds,
  difference,
  type Milliseconds,
  type Nanoseconds,
  nanoseconds,
  wholeMilliseconds,
} from "./time.ts";

export class Alarm {
  /** When the machine wants to be called. Infinite only while it is being called. */
  due: Nanoseconds = Number.POSITIVE_INFINITY;
  #dueMs: Milliseconds = 0;

  /** In so many milliseconds, at least one, unless it is due earlier already. */
  schedule(now: Nanoseconds, inMs: number): void {
    const delay = Math.max(1, inMs);
    const dueMs = after(clockMilliseconds(now), delay);
    if (this.due !== Number.POSITIVE_INFINITY && difference(dueMs, this.#dueMs) >= 0) return;
    this.#dueMs = dueMs;
    this.due = now + nanoseconds(delay);
  }

  disarm(): void {
    this.due = Number.POSITIVE_INFINITY;
  }
}

/** Begins the timer of an instance anew, anywhere within an interval, so that links that come up together are not probed together. */
export function startTimer(instance: Instance): void {
  const { prober, phyint } = instance;
  const { intervalMs } = phyint.group;
  const delay = prober.draw(0, intervalMs) + (prober.deviations.keepsPace ? paceMs(instance, intervalMs) : 0);
  instance.base = after(prober.nowMs, delay);
  instance.next = instance.base;
  instance.judgedBase = instance.base;
  prober.alarm.schedule(prober.now, delay);
}

/** Milliseconds until an interval has passed since the last probe: a link that comes and goes is probed no more often than one that stays. */
function paceMs({ lastSent, prober }: Instance, intervalMs: number): number {
  return Math.max(0, intervalMs - wholeMilliseconds(prober.now - lastSent));
}
