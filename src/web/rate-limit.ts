/** exporter-toolkit's `rate_limit`: `burst` requests at once, one more every `interval`; an interval of 0 is no limit. */

import { TokenBucket } from "../rate-limit/token-bucket.ts";

export interface RateLimit {
  readonly interval: string;
  readonly burst: number;
}

/** The bucket from which each request takes a token; undefined when there is no limit. */
export function bucketOf(limit: RateLimit | undefined, nowMs: number): TokenBucket | undefined {
  if (limit === undefined) return undefined;
  const intervalMs = durationMs(limit.interval);
  return intervalMs === 0 ? undefined : new TokenBucket({ intervalMs, burst: limit.burst }, nowMs);
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
