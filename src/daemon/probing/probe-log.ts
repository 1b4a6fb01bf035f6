/** The last probes that were answered or lost, for `ipmpstat -p`: live, and for a while back. */

import type { ProbeHistory, ProbeOutcome } from "../../snapshot/probes.ts";

/** Some twenty minutes of four members. */
const KEPT = 4_096;

type Row = { -readonly [field in keyof ProbeOutcome]: ProbeOutcome[field] };

export class ProbeLog implements ProbeHistory {
  /** A ring: row `id` lies at id modulo the number kept. A row is overwritten, because hundreds a second that are kept for a while are what a garbage collector does worst. */
  readonly #rows: Row[] = [];
  #last = 0;

  append(outcome: Omit<ProbeOutcome, "id">): void {
    const id = ++this.#last;
    const row = this.#rows[id % KEPT];
    if (row) Object.assign(row, outcome, { id });
    else this.#rows[id % KEPT] = { id, ...outcome };
  }

  /** Copies: the rows themselves are used again. */
  since(id = 0): readonly ProbeOutcome[] {
    const rows: ProbeOutcome[] = [];
    for (let next = Math.max(id, this.#last - KEPT) + 1; next <= this.#last; next++) {
      const row = this.#rows[next % KEPT];
      if (row) rows.push({ ...row });
    }
    return rows;
  }
}
