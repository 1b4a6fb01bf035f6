/** The random numbers of a probe trace: those that it gives, then xorshift32 from its seed. */

export class TraceRandom {
  #state: number;
  #given: readonly number[] = [];
  #taken = 0;
  /** Numbers taken so far. */
  draws = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** These come next, in place of what was left of those given before. */
  give(numbers: readonly number[]): void {
    this.#given = numbers;
    this.#taken = 0;
  }

  next(): number {
    this.draws++;
    return this.#given[this.#taken++] ?? this.#xorshift();
  }

  #xorshift(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 1;
  }
}
