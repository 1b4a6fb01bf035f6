/** Keeps count of observations by size: in the buckets that people choose, and in the finer ones of Prometheus' native histograms. */

import type { HistogramSnapshot } from "../snapshot/histogram.ts";

/** Each bucket ends at 2^(1/8) times the end of the one before: within 9 % of the true size. */
const SCHEMA = 3;
const BUCKETS_PER_DOUBLING = 2 ** SCHEMA;

/** Observations that wait at most. */
const WAITING = 16;

export interface ObservationOptions {
  /** Where the buckets that people choose end, ascending, in the unit of the observations. */
  readonly bounds: readonly number[];
  /** What is at most as large as this is too small to be told apart. */
  readonly smallest: number;
  /** What is larger is counted in the last fine bucket: they are as many as there may ever be, some 8 for each doubling. */
  readonly largest: number;
}

export class Observations {
  readonly #options: ObservationOptions;
  /** By bound; what is larger than all of them is in the count alone. */
  readonly #counts: Float64Array;
  readonly #fine = new Map<number, number>();
  #small = 0;
  #count = 0;
  #sum = 0;
  /** Observations that are not counted yet. To count one touches memory in many places: they wait side by side until somebody looks, or there is no room for one more. */
  readonly #waiting = new Float64Array(WAITING);
  #waits = 0;
  /** Until there is another observation. */
  #snapshot: HistogramSnapshot | undefined;

  constructor(options: ObservationOptions) {
    this.#options = options;
    this.#counts = new Float64Array(options.bounds.length);
  }

  /** Not negative. */
  observe(size: number): void {
    if (this.#waits === WAITING) this.#countAll();
    this.#waiting[this.#waits++] = size;
  }

  #countAll(): void {
    for (let index = 0; index < this.#waits; index++) this.#countOne(this.#waiting[index] ?? 0);
    this.#waits = 0;
    this.#snapshot = undefined;
  }

  #countOne(size: number): void {
    const { bounds, smallest, largest } = this.#options;
    const bucket = bounds.findIndex((bound) => size <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    if (size <= smallest) this.#small++;
    else {
      const index = indexOf(Math.min(size, largest));
      this.#fine.set(index, (this.#fine.get(index) ?? 0) + 1);
    }
    this.#count++;
    this.#sum += size;
  }

  snapshot(): HistogramSnapshot {
    if (this.#waits > 0) this.#countAll();
    this.#snapshot ??= this.#make();
    return this.#snapshot;
  }

  #make(): HistogramSnapshot {
    const { bounds, smallest } = this.#options;
    let below = 0;
    const buckets = bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return { bound, count: below };
    });
    const fine = Array.from(this.#fine, ([index, count]) => ({ index, count })).sort((a, b) => a.index - b.index);
    return {
      buckets,
      count: this.#count,
      sum: this.#sum,
      native: { schema: SCHEMA, zeroThreshold: smallest, zeroCount: this.#small, buckets: fine },
    };
  }
}

/** Bucket `index` reaches from the end of the one before up to this, which belongs to it. */
function endOf(index: number): number {
  return 2 ** (index / BUCKETS_PER_DOUBLING);
}

/** The logarithm is rounded, so that at the end of a bucket it may lead to the next one. */
function indexOf(size: number): number {
  const index = Math.ceil(Math.log2(size) * BUCKETS_PER_DOUBLING);
  if (size <= endOf(index - 1)) return index - 1;
  return size > endOf(index) ? index + 1 : index;
}
