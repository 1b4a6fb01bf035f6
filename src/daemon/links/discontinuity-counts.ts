/** How often a link's counters could not simply be continued, by device and reason. */

import type { ResetReason } from "../../settling/reset-reason.ts";

/** Names of links can be many where containers come and go; the ones that were first are dropped first. */
const KEPT = 1_000;

export class DiscontinuityCounts {
  readonly #counts = new Map<string, { readonly device: string; readonly reason: ResetReason; count: bigint }>();

  count(device: string, reason: ResetReason): void {
    const key = `${reason} ${device}`;
    const known = this.#counts.get(key);
    if (known) {
      known.count++;
      return;
    }
    this.#counts.set(key, { device, reason, count: 1n });
    const oldest = this.#counts.keys().next().value;
    if (this.#counts.size > KEPT && oldest !== undefined) this.#counts.delete(oldest);
  }

  list(): readonly { readonly device: string; readonly reason: string; readonly count: bigint }[] {
    return Array.from(this.#counts.values(), (entry) => ({ ...entry }));
  }
}
