/**
 * Saves the state before anything that depends on it is shown: what happened is written through to the disk, and readings that
 * changed are handed to the system, which keeps them when this process is killed. They need no more: when the machine itself
 * stops, the counters begin again.
 */

import type { Transition } from "../../snapshot/event.ts";
import type { StateSnapshot } from "../../snapshot/snapshot.ts";
import { saveFailure } from "../../state/save-failure.ts";
import type { SavedState } from "../../state/saved-state.ts";
import type { StateFile, Unusable } from "../../state/state-file.ts";
import type { Clock } from "../process/clock.ts";

export class Saving {
  readonly #file: StateFile | undefined;
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;
  readonly #unusable: Unusable | undefined;
  /** Something happened that no save has seen. */
  #isTouched = true;
  #saves = 0n;
  #failures = 0n;
  #failing = false;
  #lastSavedMs: number | undefined;

  /** Without a file nothing is kept. `unusable`: what was wrong with the file at the start. */
  constructor(
    file: StateFile | undefined,
    clock: Clock,
    announce: (transition: Transition) => void,
    unusable: Unusable | undefined,
  ) {
    this.#file = file;
    this.#clock = clock;
    this.#announce = announce;
    this.#unusable = unusable;
  }

  /** Something happened: the next save looks at everything. */
  touch(): void {
    this.#isTouched = true;
  }

  /** Whether something happened that no save has seen. */
  get isDue(): boolean {
    return this.#file !== undefined && this.#isTouched;
  }

  /**
   * Saves what happened, if anything did, as `state` gives it; and then the readings of members, if any has changed. Where the
   * record of what happened cannot be written, the readings of the last record's members still are: a full disk has room for
   * those. Never throws: a disk that fails is said once, and again when it no longer does.
   */
  save(state: () => SavedState): void {
    const file = this.#file;
    if (!file) return;
    const ofRecord = failureOf(file, () => this.#saveRecord(file, state));
    const ofReadings = failureOf(file, () => file.keepReadings());
    const failure = ofRecord ?? ofReadings;
    if (failure !== undefined) {
      this.#failed(failure);
      return;
    }
    this.#isTouched = false;
    this.#lastSavedMs = this.#clock.wallMs();
    if (this.#failing) this.#announce({ kind: "state-saved", cause: `${file.path} can be written again` });
    this.#failing = false;
  }

  #saveRecord(file: StateFile, state: () => SavedState): void {
    if ((this.#isTouched || !file.isInPlace) && file.save(state())) this.#saves++;
  }

  snapshot(): StateSnapshot | undefined {
    if (!this.#file) return undefined;
    return {
      saved: !this.#failing,
      saves: this.#saves,
      failures: this.#failures,
      lastSavedMs: this.#lastSavedMs,
      fault: this.#unusable?.fault,
      recovered: this.#unusable?.recovered !== undefined,
    };
  }

  /** Nothing more is saved. */
  close(): void {
    this.#file?.close();
  }

  #failed(cause: string): void {
    this.touch();
    this.#failures++;
    if (!this.#failing) this.#announce({ kind: "state-unsaved", cause });
    this.#failing = true;
  }
}

/** What went wrong in it; undefined when nothing did. */
function failureOf({ path }: StateFile, step: () => void): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return saveFailure(path, error);
  }
}
