/** The last probes that were answered or lost, for `ipmpstat -p`: live, and for a while back. */

import type { ProbeHistory, ProbeOutcome } from "../../snapshot/probes.ts";

/** Some twenty minutes of four members. */
const KEPT = 4_096;
/** Numbers of a row. */
const NUMBERS = 6;

/**
 * A ring: row `id` lies at id modulo the number kept. Its numbers lie side by side, because hundreds of objects a second that are kept for a while
 * are what caches and a garbage collector do worst.
 */
export class ProbeLog implements ProbeHistory {
  readonly #numbers = new Float64Array(KEPT * NUMBERS);
  readonly #devices: string[] = [];
  readonly #families: ProbeOutcome["family"][] = [];
  readonly #targets: string[] = [];
  #last = 0;

  append(outcome: Omit<ProbeOutcome, "id">): void {
    const place = ++this.#last % KEPT;
    this.#devices[place] = outcome.device;
    this.#families[place] = outcome.family;
    this.#targets[place] = outcome.target;
    const at = place * NUMBERS;
    this.#numbers[at] = outcome.probe;
    this.#numbers[at + 1] = outcome.sentMs;
    this.#numbers[at + 2] = outcome.roundTrip ?? Number.NaN;
    this.#numbers[at + 3] = outcome.networkRoundTrip ?? Number.NaN;
    this.#numbers[at + 4] = outcome.average;
    this.#numbers[at + 5] = outcome.deviation;
  }

  since(id = 0): readonly ProbeOutcome[] {
    const rows: ProbeOutcome[] = [];
    for (let next = Math.max(id, this.#last - KEPT) + 1; next <= this.#last; next++) rows.push(this.#row(next));
    return rows;
  }

  #row(id: number): ProbeOutcome {
    const place = id % KEPT;
    const at = place * NUMBERS;
    const [probe = 0, sentMs = 0, roundTrip, networkRoundTrip, average = 0, deviation = 0] = this.#numbers.subarray(
      at,
      at + NUMBERS,
    );
    return {
      id,
      device: this.#devices[place] ?? "",
      family: this.#families[place] ?? "ipv4",
      probe,
      target: this.#targets[place] ?? "",
      sentMs,
      roundTrip: known(roundTrip),
      networkRoundTrip: known(networkRoundTrip),
      average,
      deviation,
    };
  }
}

function known(number: number | undefined): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}
