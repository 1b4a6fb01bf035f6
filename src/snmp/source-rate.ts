/**
 * How many datagrams of one source are looked at: a token bucket for each source, which is an IPv4 address or an IPv6 network of 64 bits.
 * A datagram takes its token before anything of it is read. Whoever forges the address of a source can use up its tokens, so the
 * defaults are far above what managers ask. This host has no limit.
 */

import { clientNetwork } from "../net-address/client-network.ts";
import { SourceBuckets } from "../rate-limit/source-buckets.ts";
import { LOOPBACK } from "./allow-list.ts";

export interface Rate {
  /** Datagrams a second that a source may go on sending. */
  readonly perSecond: number;
  /** Datagrams that it may send at once. */
  readonly burst: number;
}

export class RateLimit {
  readonly #buckets: SourceBuckets;
  readonly #now: () => number;

  constructor({ perSecond, burst }: Rate, now: () => number = () => performance.now()) {
    this.#buckets = new SourceBuckets({ intervalMs: 1000 / perSecond, burst });
    this.#now = now;
  }

  /** Takes a token for one datagram; false when there is none. */
  allows(address: string): boolean {
    return LOOPBACK.has(address) || this.#buckets.take(clientNetwork(address), this.#now());
  }
}
