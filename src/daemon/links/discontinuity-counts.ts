/** How often a link's counters could not simply be continued, by device and reason. */

import type { ResetReason } from "../../settling/reset-reason.ts";

/** Names of links can be many where containers come and go; those that have been counted for the last time longest ago are dropped first. */
const KEPT = 1_000;

export class DiscontinuityCounts {
  readonly #counts = new Map<
    string,
    { readonly device: string; readonly reason: ResetReason; readonly count: bigint }
  >();

  count(device: string, reason: ResetReason): void {
    const key = `${reason} ${device}`;
    const count = (this.#counts.get(key)?.count ?? 0n) + 1n;
    this.#counts.delete(key);
    this.#counts.set(key, { device, reason, count }); // the map is in the order of the last counts
    const oldest = this.#counts.keys().next().value;
    if (this.#counts.size > KEPT && oldest !== undefined) this.#counts.delete(oldest);
  }

  list(): readonly { readonly device: string; readonly reason: string; readonly count: bigint }[] {
    return [...this.#counts.values()];
  }
}
