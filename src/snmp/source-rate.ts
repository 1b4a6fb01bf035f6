/**
 * How often a source may ask: a token bucket for each. A source address can be forged, so that the bucket of somebody else may be
 * emptied in their name; what a full bucket allows is therefore far above what managers need, the limit counts what we send and
 * not who is cut off for good, and this host is never limited.
 */

import { clientNetwork } from "../net-address/client-network.ts";
import { SourceBuckets } from "../rate-limit/source-buckets.ts";
import { LOOPBACK } from "./allow-list.ts";

export interface Rate {
  /** Requests a second that a source may go on asking. */
  readonly perSecond: number;
  /** Requests that it may ask at once. */
  readonly burst: number;
}

export class RateLimit {
  readonly #buckets: SourceBuckets;
  readonly #now: () => number;

  constructor({ perSecond, burst }: Rate, now: () => number = () => performance.now()) {
    this.#buckets = new SourceBuckets({ intervalMs: 1000 / perSecond, burst });
    this.#now = now;
  }

  /** Whether that source may be served once more now. */
  allows(address: string): boolean {
    return LOOPBACK.has(address) || this.#buckets.take(clientNetwork(address), this.#now());
  }
}
