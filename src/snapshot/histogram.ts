/** Observations by size, as they were at one instant. */

export interface HistogramSnapshot {
  /** How many were at most as large as `bound`; by ascending bound, of which none is infinite. */
  readonly buckets: readonly { readonly bound: number; readonly count: number }[];
  readonly count: number;
  readonly sum: number;
  /** The same observations in finer buckets. */
  readonly native?: NativeBuckets;
}

/** Exponential buckets as Prometheus' native histograms have them: bucket `index` ends at 2^(index / 2^schema), which belongs to it. */
export interface NativeBuckets {
  readonly schema: number;
  /** What is at most as large as this is in no bucket, and counted in `zeroCount`. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** By ascending index; those without observations are left out. Counts of each alone. */
  readonly buckets: readonly { readonly index: number; readonly count: number }[];
}
