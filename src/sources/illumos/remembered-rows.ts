/**
 * Rows of a command over the rounds. A row whose details ipmpstat could not find out is left out with a warning and exit status 0: it is
 * kept for one round, because not known is not gone. Rows of a command that did not answer stay as they were last seen.
 */

import type { Answer } from "./tools.ts";

export class RememberedRows<R> {
  #rows: readonly R[] | undefined;
  readonly #keyOf: (row: R) => string;
  /** Keys of rows that are there from the round before. */
  #kept: ReadonlySet<string> = new Set();

  constructor(keyOf: (row: R) => string) {
    this.#keyOf = keyOf;
  }

  /** Undefined until the command has answered for the first time. */
  get rows(): readonly R[] | undefined {
    return this.#rows;
  }

  take(answer: Answer<readonly R[]>): void {
    if (answer.kind === "failed") return;
    const told = new Set(answer.value.map(this.#keyOf));
    const missing = answer.warnings.length === 0 ? [] : (this.#rows ?? []).filter((row) => !told.has(this.#keyOf(row)));
    const kept = missing.filter((row) => !this.#kept.has(this.#keyOf(row)));
    this.#kept = new Set(kept.map(this.#keyOf));
    this.#rows = [...answer.value, ...kept];
  }

  /** There are none now, and nobody had to be asked. */
  clear(): void {
    this.#rows = [];
    this.#kept = new Set();
  }
}
