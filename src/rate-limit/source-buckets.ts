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
    return this.#buckets.get(source) ?? this.#add(source, nowMs);
  }

  /** When all places are taken the oldest one is given up: a flood of sources forgets those of the flood. */
  #add(source: string, nowMs: number): TokenBucket {
    if (this.#buckets.size >= SOURCES_MAX) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    const bucket = new TokenBucket(this.#rate, nowMs);
    this.#buckets.set(source, bucket);
    return bucket;
  }
}
