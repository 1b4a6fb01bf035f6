/** A token bucket for each source of requests. */

import { type BucketRate, TokenBucket } from "./token-bucket.ts";

/** Sources remembered at once: few are usual, the rest is whoever has many addresses, or forges them. */
const SOURCES_MAX = 1024;

export class SourceBuckets {
  readonly #rate: BucketRate;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: BucketRate) {
    this.#rate = rate;
  }

  /** Takes a token of that source; false when it has none. `nowMs`: milliseconds of a clock that does not step. */
  take(source: string, nowMs: number): boolean {
    return this.#of(source, nowMs).take(nowMs);
  }

  /** Takes so many tokens of that source, whether it has them or still has to get them. */
  charge(count: number, source: string, nowMs: number): void {
    this.#of(source, nowMs).charge(count, nowMs);
  }

  #of(source: string, nowMs: number): TokenBucket {
    const bucket = this.#buckets.get(source) ?? this.#add(nowMs);
    this.#buckets.delete(source);
    this.#buckets.set(source, bucket); // the map is in the order of use
    return bucket;
  }

  /**
   * When all places are taken, the source that has not asked for longest is forgotten: in a flood of sources one of the flood. Whoever
   * is forgotten begins with a full bucket.
   */
  #add(nowMs: number): TokenBucket {
    if (this.#buckets.size >= SOURCES_MAX) {
      for (const longestUnused of this.#buckets.keys()) {
        this.#buckets.delete(longestUnused);
        break;
      }
    }
    return new TokenBucket(this.#rate, nowMs);
  }
}
