/** A token bucket, as golang.org/x/time/rate: `burst` tokens at first, and one more in every interval up to `burst` again. */

export interface BucketRate {
  /** Milliseconds in which one token comes back; more than 0. */
  readonly intervalMs: number;
  /** Tokens of a full bucket. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: BucketRate;
  #tokens: number;
  #filledAtMs: number;

  /** A full bucket. `nowMs`: milliseconds of a clock that does not step. */
  constructor(rate: BucketRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes a token; false when there is none. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes so many tokens, whether they are there or still have to come; at most a full bucket is owed. */
  charge(count: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens = Math.max(-this.#rate.burst, this.#tokens - count);
  }

  #fill(nowMs: number): void {
    const { intervalMs, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (nowMs - this.#filledAtMs) / intervalMs);
    this.#filledAtMs = nowMs;
  }
}
