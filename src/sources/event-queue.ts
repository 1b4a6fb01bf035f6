/** Events of a source that learns things at times of its own, until the daemon drains them. */

import type { SourceEvent } from "./source.ts";

export class EventQueue {
  #events: SourceEvent[] = [];
  #wake: () => void = () => {};

  /** `wake` is called at each push from now on; what was pushed before is drained first. */
  open(wake: () => void): void {
    this.#wake = wake;
  }

  /** Must not be called while the daemon opens or drains the source. */
  push(...events: readonly SourceEvent[]): void {
    if (events.length === 0) return;
    this.#events.push(...events);
    this.#wake();
  }

  /** Everything since the last call, oldest first. */
  drain(): SourceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  close(): void {
    this.#wake = () => {};
    this.#events = [];
  }
}
