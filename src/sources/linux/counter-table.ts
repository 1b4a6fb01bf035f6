/**
 * The counters of all links in one flat array that is reused from reading to reading: a scrape of a thousand links makes no
 * object per link.
 */
export class CounterTable {
  readonly #width: number;
  #ifindexes = new Uint32Array(0);
  #words = new Uint32Array(0);
  #rows: BigUint64Array[] = [];
  #length = 0;

  /** @param width statistics per link */
  constructor(width: number) {
    this.#width = width;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Takes the next row for that link. @returns the position of its first 32-bit word in `words`. */
  add(ifindex: number): number {
    if (this.#length === this.#rows.length) this.#grow();
    this.#ifindexes[this.#length] = ifindex;
    return 2 * this.#width * this.#length++;
  }

  /** All rows as 32-bit words. Changes when the table grows: ask again after `add`. */
  get words(): Uint32Array {
    return this.#words;
  }

  visit(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    for (let index = 0; index < this.#length; index++) {
      const row = this.#rows[index];
      if (row !== undefined) visit(this.#ifindexes[index] ?? 0, row);
    }
  }

  #grow(): void {
    const capacity = Math.max(16, this.#rows.length * 2);
    const values = new BigUint64Array(capacity * this.#width);
    const words = new Uint32Array(values.buffer);
    words.set(this.#words);
    const ifindexes = new Uint32Array(capacity);
    ifindexes.set(this.#ifindexes);
    this.#words = words;
    this.#ifindexes = ifindexes;
    this.#rows = Array.from({ length: capacity }, (_, index) =>
      values.subarray(index * this.#width, (index + 1) * this.#width),
    );
  }
}
