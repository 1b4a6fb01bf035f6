/**
 * increase() of Prometheus over all samples of a run, without the extrapolation to the edges of the window, which would make it
 * a fraction of what was counted: the differences between samples added up, where a smaller value than the last one counts
 * from zero (promql/functions.go, extrapolatedRate). The first sample of a series counts nothing.
 */

import { COUNT_NAMES, type Counts, counts, sum, ZERO } from "./counts.ts";
import type { RivalOutcome } from "./outcome.ts";

export class Increase {
  #last: Counts | undefined;
  total: Counts = ZERO;

  /** @returns whether anything fell */
  add(now: Counts): boolean {
    const last = this.#last ?? now;
    this.#last = now;
    this.total = counts((name) => this.total[name] + now[name] - (now[name] >= last[name] ? last[name] : 0n));
    return COUNT_NAMES.some((name) => now[name] < last[name]);
  }
}

/** What somebody makes of per-link counters in two ways. */
export class SummedIncrease {
  /** increase(sum(…)): a recording rule or a sum over table rows, and growth taken of that. */
  readonly #ofSum = new Increase();
  /** sum(increase(…)): growth of each link's series, then summed. */
  readonly #ofDevice = new Map<string, Increase>();
  /** Samples of the sum that were smaller than the one before. */
  #falls = 0;
  samples = 0;

  add(devices: ReadonlyMap<string, Counts>): void {
    if (this.#ofSum.add(sum(devices.values()))) this.#falls++;
    for (const [device, now] of devices) {
      const increase = this.#ofDevice.get(device) ?? new Increase();
      this.#ofDevice.set(device, increase);
      increase.add(now);
    }
    this.samples++;
  }

  outcome(rival: RivalOutcome["rival"]): RivalOutcome {
    const sumOfIncreases = sum([...this.#ofDevice.values()].map(({ total }) => total));
    return { rival, sumOfIncreases, increaseOfSum: this.#ofSum.total, falls: this.#falls };
  }
}
