/** The last transitions, and the listeners that are told of each new one. */

import { type EventHistory, isFoundAtStart, type LoggedEvent, type Transition } from "../../snapshot/event.ts";
import type { SavedEvents } from "../../state/saved-events.ts";

/**
 * A flap of an uplink is about a dozen transitions, down and up: those of a day with a flap every two minutes can be looked at afterwards, and
 * five hundred groups that fail and are repaired at once. Some 200 bytes each, 2 MB in all.
 */
const KEPT = 10_000;

/** So many are kept over a restart: some 100 kB on the disk. */
const KEPT_OVER_RESTART = 500;

export class EventLog implements EventHistory {
  readonly name: string;
  readonly earlier: number;
  /** The oldest first. Ids follow each other without a gap, but for what was left out when an earlier run was saved. */
  readonly #events: LoggedEvent[];
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #lastId: number;
  #forgotten: number;

  /** `saved`: events of earlier runs. `name` is for a history that is another than theirs. */
  constructor(saved?: SavedEvents, name = Date.now().toString(36)) {
    this.name = saved?.isWhole ? saved.name : name;
    this.#events = [...(saved?.events ?? [])];
    this.#lastId = saved?.lastId ?? 0;
    this.#forgotten = saved?.forgotten ?? 0;
    this.earlier = this.#lastId;
  }

  get lastId(): number {
    return this.#lastId;
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  append(transition: Transition, wallMs: number): void {
    // The spread comes last: an object that begins with one has no room of its own for what follows, and takes twice the memory.
    const event: LoggedEvent = { id: ++this.#lastId, wallMs, ...transition };
    this.#events.push(event);
    if (this.#events.length > KEPT) this.#forgotten = this.#events.shift()?.id ?? 0;
    for (const listener of this.#listeners) listener(event);
  }

  since(id = 0): readonly LoggedEvent[] {
    return this.#events.slice(this.#firstAfter(id));
  }

  subscribe(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the next run is to have. How the groups were found at each start is left out: the next start finds them again. */
  saved(wallMs: number, isWhole: boolean): SavedEvents {
    const told = this.#events.filter((event) => !isFoundAtStart(event));
    const events = told.slice(-KEPT_OVER_RESTART);
    const forgotten = told.at(-KEPT_OVER_RESTART - 1)?.id ?? this.#forgotten;
    return { name: this.name, isWhole, savedMs: wallMs, lastId: this.#lastId, forgotten, events };
  }

  /** Position of the first event with a higher id. */
  #firstAfter(id: number): number {
    let [from, to] = [0, this.#events.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#events[middle]?.id ?? 0) > id) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
