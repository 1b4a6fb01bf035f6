/** A token bucket, as exporter-toolkit's `rate_limit`: `burst` requests at once, one more every `interval`. */

export interface RateLimit {
  readonly interval: string;
  readonly burst: number;
}

export class TokenBucket {
  readonly #intervalMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledAt: number;

  /** `now`: milliseconds of a clock that does not step. */
  constructor({ interval, burst }: RateLimit, now: number) {
    this.#intervalMs = durationMs(interval);
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  take(now: number): boolean {
    if (this.#intervalMs === 0) return true;
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) / this.#intervalMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** Go's notation: "1s", "1m30s", "100ms". */
export function durationMs(text: string): number {
  let sum = 0;
  for (const [, count, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Number(count) * (UNIT_MS[unit] ?? 0);
  }
  return sum;
}
