/** The last transitions, and the listeners that are told of each new one. */

import type { EventHistory, LoggedEvent, Transition } from "../../snapshot/event.ts";

/** Enough for a day of a flapping uplink to be looked at afterwards; about 200 bytes each. */
const KEPT = 2_000;

export class EventLog implements EventHistory {
  readonly #events: LoggedEvent[] = [];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #nextId = 1;

  append(transition: Transition, wallMs: number): void {
    const event: LoggedEvent = { ...transition, id: this.#nextId++, wallMs };
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  since(id = 0): readonly LoggedEvent[] {
    return this.#events.filter((event) => event.id > id);
  }

  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
