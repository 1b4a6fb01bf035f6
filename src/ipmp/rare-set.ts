/** A set for what there is rarely anything of: it takes memory only once something has been in it. */

export class RareSet<T> implements Iterable<T> {
  #values: Set<T> | undefined;

  add(value: T): void {
    this.#values ??= new Set();
    this.#values.add(value);
  }

  /** Answers whether it was there. */
  delete(value: T): boolean {
    return this.#values?.delete(value) ?? false;
  }

  clear(): void {
    this.#values?.clear();
  }

  /** In the order in which they were added; what is deleted meanwhile is left out. */
  [Symbol.iterator](): Iterator<T> {
    return this.#values?.values() ?? NOTHING.values();
  }
}

const NOTHING: readonly never[] = [];
