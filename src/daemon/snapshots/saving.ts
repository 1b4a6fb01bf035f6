/**
 * Saves the state before anything that depends on it is shown. What happened since the last save is written through to the
 * disk; readings alone are only handed to the system, which keeps them when this process is killed. They need no more: when
 * the machine itself stops, the counters begin again.
 */

import type { Transition } from "../../snapshot/event.ts";
import type { StateSnapshot } from "../../snapshot/snapshot.ts";
import { encodeBody, encodeFile, encodeReadings, type SavedState } from "../../state/saved-state.ts";
import type { StateFile } from "../../state/state-file.ts";
import type { Clock } from "../process/clock.ts";

export class Saving {
  readonly #file: StateFile | undefined;
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;
  #body: Uint8Array | undefined;
  #saves = 0n;
  #failures = 0n;
  #failing = false;
  #lastSavedMs: number | undefined;
  readonly #fault: string | undefined;

  /** Without a file nothing is kept. `fault`: why the file at the start could not be used. */
  constructor(
    file: StateFile | undefined,
    clock: Clock,
    announce: (transition: Transition) => void,
    fault: string | undefined,
  ) {
    this.#fault = fault;
    this.#file = file;
    this.#clock = clock;
    this.#announce = announce;
  }

  /** Something happened: the next save writes everything anew. */
  touch(): void {
    this.#body = undefined;
  }

  /** Whether something happened that no save has seen. */
  get isDue(): boolean {
    return this.#file !== undefined && this.#body === undefined;
  }

  /** Saves what `state` gives. Never throws: a disk that fails is said once, and again when it no longer does. */
  save(state: () => SavedState): void {
    if (!this.#file) return;
    const isNews = this.#body === undefined;
    try {
      const saved = state();
      this.#body ??= encodeBody(saved);
      const members = saved.groups.flatMap((group) => group.members);
      this.#file.save(encodeFile(this.#body, encodeReadings(members)), isNews);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (isNews) this.#saves++;
    this.#lastSavedMs = this.#clock.wallMs();
    if (this.#failing) this.#announce({ kind: "state-saved", cause: `${this.#file.path} can be written again` });
    this.#failing = false;
  }

  snapshot(): StateSnapshot | undefined {
    if (!this.#file) return undefined;
    return {
      saved: !this.#failing,
      saves: this.#saves,
      failures: this.#failures,
      lastSavedMs: this.#lastSavedMs,
      fault: this.#fault,
    };
  }

  #failed(cause: string): void {
    this.touch();
    this.#failures++;
    if (!this.#failing) this.#announce({ kind: "state-unsaved", cause });
    this.#failing = true;
  }
}
