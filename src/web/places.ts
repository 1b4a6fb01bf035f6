/**
 * A bound on what is in progress at once, shared fairly: when all places are taken, the source that holds most of them gives up
 * its oldest to one that holds at least two fewer. So one client can use all places while nobody else wants them, and never keeps
 * another client from its share.
 */

export interface Place {
  /** Gives it back; a second time is nothing. */
  release(): void;
}

interface Held extends Place {
  readonly source: string;
  readonly takenAway: () => void;
}

export class Places {
  readonly #bound: number;
  /** The oldest first. */
  readonly #held = new Set<Held>();

  /** 0 is no bound. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** A place for `source`, or undefined when there is none. `takenAway` is called when it has to give it up. */
  take(source: string, takenAway: () => void): Place | undefined {
    if (this.#bound > 0 && this.#held.size >= this.#bound) {
      const victim = this.#victimOf(source);
      if (victim === undefined) return undefined;
      victim.release();
      victim.takenAway();
    }
    const place: Held = { source, takenAway, release: () => void this.#held.delete(place) };
    this.#held.add(place);
    return place;
  }

  #victimOf(source: string): Held | undefined {
    const counts = new Map<string, number>();
    for (const held of this.#held) counts.set(held.source, (counts.get(held.source) ?? 0) + 1);
    const most = Math.max(...counts.values());
    if (most < (counts.get(source) ?? 0) + 2) return undefined;
    for (const held of this.#held) if (counts.get(held.source) === most) return held;
    return undefined;
  }
}
