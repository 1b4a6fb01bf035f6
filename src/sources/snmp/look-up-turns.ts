/**
 * Whose turn it is to have its links looked up. That takes a hundred requests of a switch, so that two hundred devices at once, as at a start, are more than
 * a processor bears: then all of them are too slow to be polled in time. A few may always; others little by little, while the loop keeps up.
 */

import { setTimeout as wait } from "node:timers/promises";

const FEW = 8;
/** Milliseconds between two that are let in beside these while the loop keeps up: a device far away is slow, and costs little. */
const PACE_MS = 250;
/** Milliseconds by which the loop may be late and still keeps up. */
const MOST_LATE_MS = 20;

export class LookUpTurns {
  readonly #lateness: (ms: number) => Promise<number>;
  readonly #waiting: (() => void)[] = [];
  #active = 0;
  #isWatching = false;

  /** `lateness`: waits so many milliseconds, and answers by how many the loop was late. */
  constructor(lateness: (ms: number) => Promise<number> = latenessOfLoop) {
    this.#lateness = lateness;
  }

  /** Resolves when it is one's turn, with what is to be called at its end. */
  async enter(): Promise<() => void> {
    if (this.#active < FEW) this.#active++;
    else
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        void this.#watch();
      });
    return () => {
      this.#active--;
      if (this.#active < FEW) this.#letIn();
    };
  }

  #letIn(): void {
    const next = this.#waiting.shift();
    if (!next) return;
    this.#active++;
    next();
  }

  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    while (this.#waiting.length > 0) if ((await this.#lateness(PACE_MS)) <= MOST_LATE_MS) this.#letIn();
    this.#isWatching = false;
  }
}

async function latenessOfLoop(ms: number): Promise<number> {
  const due = performance.now() + ms;
  await wait(ms, undefined, { ref: false });
  return performance.now() - due;
}
