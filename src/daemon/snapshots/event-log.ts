/** The last transitions, and the listeners that are told of each new one. */

import type { EventHistory, LoggedEvent, Transition } from "../../snapshot/event.ts";

/**
 * A flap of an uplink is about a dozen transitions, down and up: those of a day with a flap every two minutes can be looked at afterwards, and
 * five hundred groups that fail and are repaired at once. Some 200 bytes each, 2 MB in all.
 */
const KEPT = 10_000;

export class EventLog implements EventHistory {
  /** Their ids follow each other without a gap. */
  readonly #events: LoggedEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #nextId = 1;

  append(transition: Transition, wallMs: number): void {
    // The spread comes last: an object that begins with one has no room of its own for what follows, and takes twice the memory.
    const event: LoggedEvent = { id: this.#nextId++, wallMs, ...transition };
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  since(id = 0): readonly LoggedEvent[] {
    const oldest = this.#nextId - this.#events.length;
    return this.#events.slice(Math.max(0, id + 1 - oldest));
  }

  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
