/** A log line about what a client can make happen as often as it likes: once in a while, with how often it happened since. */

import type { Log } from "../log/log.ts";

export class SparseLog {
  readonly #log: Log;
  readonly #level: keyof Log;
  readonly #intervalMs: number;
  #nextAt = Number.NEGATIVE_INFINITY;
  #left = 0;

  constructor(log: Log, level: keyof Log, intervalMs: number) {
    this.#log = log;
    this.#level = level;
    this.#intervalMs = intervalMs;
  }

  say(message: string, fields: Readonly<Record<string, unknown>>): void {
    const now = performance.now();
    if (now < this.#nextAt) {
      this.#left++;
      return;
    }
    this.#log[this.#level](message, { ...fields, ...(this.#left > 0 ? { more_since: this.#left } : {}) });
    this.#nextAt = now + this.#intervalMs;
    this.#left = 0;
  }
}
