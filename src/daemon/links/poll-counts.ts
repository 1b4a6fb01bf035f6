/** How the polls of a source went that polls at times of its own: how many had each outcome, and when one was last answered. */

export class PollCounts {
  #lastSuccessMs: number | undefined;
  readonly #byOutcome = new Map<string, bigint>();

  /** Milliseconds since 1970; undefined until a poll is answered. */
  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs;
  }

  /** `answeredMs`: when, in milliseconds since 1970, if the poll was answered. */
  count(outcome: string, answeredMs: number | undefined): void {
    this.#byOutcome.set(outcome, (this.#byOutcome.get(outcome) ?? 0n) + 1n);
    this.#lastSuccessMs = answeredMs ?? this.#lastSuccessMs;
  }

  /** By outcome: "answered", or a word for the kind of failure. */
  byOutcome(): Readonly<Record<string, bigint>> {
    return Object.fromEntries(this.#byOutcome);
  }
}
