/**
 * Saves the state before a counter that depends on it is shown, and within 100 ms of what happened: the record of what happened is
 * written through to the disk, and readings that changed are handed to the system, which keeps them when this process is killed.
 * They need no more: when the machine itself stops, the counters begin again.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { StateSnapshot } from "../../snapshot/program.ts";
import { saveFailure } from "../../state/save-failure.ts";
import type { SavedState } from "../../state/saved-state.ts";
import type { StateFile, Unusable } from "../../state/state-file.ts";
import type { Clock } from "../process/clock.ts";

/** Milliseconds: bursts of changes are saved together, at most this long after the first. */
const DELAY_MS = 100;

/** Nanoseconds after a failure in which nothing tries again: a disk that fails may take its time, and whoever asks would wait for it. */
const RETRY = 1_000_000_000n;

/** What failed last and has not gone well since. */
interface Failure {
  readonly at: Hrtime;
  readonly cause: string;
}

export interface SavingParts {
  /** Left out, nothing is kept. */
  readonly file: StateFile | undefined;
  readonly clock: Clock;
  readonly announce: (transition: Transition) => void;
  /** What was wrong with the file at the start. */
  readonly unusable: Unusable | undefined;
  /** The state of now. */
  readonly state: () => SavedState;
}

export class Saving {
  readonly #file: StateFile | undefined;
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;
  readonly #unusable: Unusable | undefined;
  readonly #state: () => SavedState;
  /** Something happened that no save has seen. */
  #isTouched = true;
  #saves = 0n;
  #failures = 0n;
  #failing = false;
  /** Of the record, and of the readings. */
  readonly #failed = new Map<Part, Failure>();
  #lastSavedMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ file, clock, announce, unusable, state }: SavingParts) {
    this.#file = file;
    this.#clock = clock;
    this.#announce = announce;
    this.#unusable = unusable;
    this.#state = state;
  }

  /** Something happened: the next save looks at everything. */
  touch(): void {
    this.#isTouched = true;
  }

  /** Saves a little later, if something happened that no save has seen. */
  saveSoon(): void {
    if (this.#file && this.#isTouched) this.#timer ??= setTimeout(() => this.save(), DELAY_MS).unref();
  }

  /**
   * Saves what happened, if anything did, and then the readings of members, if any has changed. Where the record of what happened
   * cannot be written, the readings of the last record's members still are: a full disk has room for those. Never throws: a disk that
   * fails is said once, and again when it no longer does. What has failed is tried again after a second, or when `mustTry`.
   */
  save(mustTry = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const file = this.#file;
    if (!file) return;
    if (mustTry) this.#failed.clear();
    const ofRecord = this.#try("record", file, () => this.#saveRecord(file));
    const ofReadings = this.#try("readings", file, () => file.keepReadings());
    const failure = ofRecord ?? ofReadings;
    if (failure !== undefined) {
      this.touch();
      if (!this.#failing) this.#announce({ kind: "state-unsaved", cause: failure });
      this.#failing = true;
      return;
    }
    this.#isTouched = false;
    this.#lastSavedMs = this.#clock.wallMs();
    if (this.#failing) this.#announce({ kind: "state-saved", cause: `${file.path} can be written again` });
    this.#failing = false;
  }

  /** What went wrong in it, now or within the last second; undefined when nothing did. */
  #try(part: Part, { path }: StateFile, step: () => void): string | undefined {
    const before = this.#failed.get(part);
    if (before && this.#clock.now() - before.at < RETRY) return before.cause;
    try {
      step();
      this.#failed.delete(part);
      return undefined;
    } catch (error) {
      const cause = saveFailure(path, error);
      this.#failed.set(part, { at: this.#clock.now(), cause });
      this.#failures++;
      return cause;
    }
  }

  #saveRecord(file: StateFile): void {
    if ((this.#isTouched || !file.isInPlace) && file.save(this.#state())) this.#saves++;
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
    clearTimeout(this.#timer);
    this.#file?.close();
  }
}

type Part = "record" | "readings";
