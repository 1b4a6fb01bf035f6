/** The trace's clock, in whole seconds from 0, and the retry timers of ills. */

import type { Ill } from "../ipmp/ill.ts";

export class Timers {
  clock = 0;
  /** Due times in order of creation, which is also the order of due times: every timer runs equally long and the clock never goes back. */
  readonly #due = new Map<Ill, number>();
  #made = 0;

  /** Arms the ill's timer and answers its id, which is never 0. */
  arm(ill: Ill, seconds: number): number {
    this.#due.delete(ill);
    this.#due.set(ill, this.clock + seconds);
    this.#made++;
    return this.#made;
  }

  /** Whether one was pending. */
  cancel(ill: Ill): boolean {
    return this.#due.delete(ill);
  }

  /** The clock at which the ill's timer is due, or undefined. */
  dueOf(ill: Ill): number | undefined {
    return this.#due.get(ill);
  }

  /** Advances the clock, which stands at each timer's due time while `fire` runs; a timer armed there may fire too. */
  advance(seconds: number, fire: (ill: Ill) => void): void {
    const end = this.clock + seconds;
    for (;;) {
      const next = this.#due.entries().next().value;
      if (next === undefined || next[1] > end) break;
      this.clock = next[1];
      this.#due.delete(next[0]);
      fire(next[0]);
    }
    this.clock = end;
  }
}
