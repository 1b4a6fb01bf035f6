/**
 * How often a source may ask: a token bucket for each. A source address can be forged, so that the bucket of somebody else may be
 * emptied in their name; what a full bucket allows is therefore far above what managers need, the limit counts what we send and
 * not who is cut off for good, and this host is never limited.
 */

import { clientNetwork } from "../net-address/client-network.ts";
import { type BucketRate, TokenBucket } from "../rate-limit/token-bucket.ts";
import { LOOPBACK } from "./allow-list.ts";

export interface Rate {
  /** Requests a second that a source may go on asking. */
  readonly perSecond: number;
  /** Requests that it may ask at once. */
  readonly burst: number;
}

/** Sources remembered at once: some 10 managers are usual, the rest is whoever forges addresses. */
const SOURCES_MAX = 1024;

export class RateLimit {
  readonly #rate: BucketRate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor({ perSecond, burst }: Rate, now: () => number = () => performance.now()) {
    this.#rate = { intervalMs: 1000 / perSecond, burst };
    this.#now = now;
  }

  /** Whether that source may be served once more now. */
  allows(address: string): boolean {
    if (LOOPBACK.has(address)) return true;
    const source = clientNetwork(address);
    const now = this.#now();
    return (this.#buckets.get(source) ?? this.#add(source, now)).take(now);
  }

  /** When all places are taken the oldest one is given up: a flood of forged sources forgets forged sources. */
  #add(source: string, now: number): TokenBucket {
    if (this.#buckets.size >= SOURCES_MAX) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    const bucket = new TokenBucket(this.#rate, now);
    this.#buckets.set(source, bucket);
    return bucket;
  }
}
