/**
 * Reloads of the configuration, whoever asks for them: SIGHUP, the control socket or HTTP. At most one begins in a second, and none
 * before the last has ended; all who ask until it begins share its outcome, so that each gets that of a load that began after they
 * asked.
 */

import type { ReloadOutcome, ReloadState } from "../../web/web.ts";

/** A reload with a thousand groups takes a fifth of a second. */
const INTERVAL_MS = 1_000;

export class Reloads {
  readonly #load: () => Promise<ReloadOutcome>;
  #state: ReloadState = { successful: true, succeededMs: Date.now() };
  #next: Promise<ReloadOutcome> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #notBefore = Number.NEGATIVE_INFINITY;
  #closed = false;
  #wake = (): void => {};

  /** `load` says in the log what came of it. */
  constructor(load: () => Promise<ReloadOutcome>) {
    this.#load = load;
  }

  get state(): ReloadState {
    return this.#state;
  }

  request(): Promise<ReloadOutcome> {
    this.#next ??= this.#begin();
    return this.#next;
  }

  /** Nothing is loaded any more. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async #begin(): Promise<ReloadOutcome> {
    await this.#turn();
    await this.#last;
    this.#next = undefined;
    if (this.#closed) return { kind: "refused", message: "Stopping" };
    this.#notBefore = performance.now() + INTERVAL_MS;
    const load = this.#load();
    this.#last = load.catch(() => {}); // whoever asked for it gets the error
    let successful = false;
    try {
      const outcome = await load;
      successful = outcome.kind === "reloaded";
      return outcome;
    } finally {
      this.#state = { successful, succeededMs: successful ? Date.now() : this.#state.succeededMs };
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, this.#notBefore - performance.now()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
