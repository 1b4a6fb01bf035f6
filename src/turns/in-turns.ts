/**
 * Long work that is done in steps. Everything here runs on one loop: who computes for a tenth of a second keeps every request, poll and event
 * waiting for as long. A generator yields where others may have their turn, and is driven from here.
 */

import { setImmediate } from "node:timers/promises";

/** Milliseconds after which others have their turn. */
const TURN_MS = 5;

/** The last turn that somebody waits for. Works go on one by one, each in a turn of the loop of its own: whatever else waits does so for one of them. */
let lastTurn: Promise<unknown> = Promise.resolve();

function nextTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** Does the work, and lets go of the loop at a step when it has had it for long enough. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    began = performance.now();
  }
}

/** Does all of the work now. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Work that is done in turns for those who can wait, and that somebody who cannot may end: the same work, done once. */
export class SharedWork<T> {
  readonly #steps: Generator<void, T>;
  /** How it ended, once it has. */
  #end: (() => T) | undefined;

  constructor(steps: Generator<void, T>) {
    this.#steps = steps;
  }

  /** For each who wants it done, by {@link inTurns} or {@link atOnce}. */
  *steps(): Generator<void, T> {
    for (;;) {
      if (!this.#end) this.#next();
      if (this.#end) return this.#end();
      yield;
    }
  }

  #next(): void {
    try {
      const step = this.#steps.next();
      if (step.done) this.#end = () => step.value;
    } catch (error) {
      this.#end = () => {
        throw error;
      };
    }
  }
}
