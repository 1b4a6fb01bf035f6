/** The last probes that were answered or lost, for `ipmpstat -p`: live, and for a while back. */

import type { ProbeHistory, ProbeOutcome } from "../../snapshot/probes.ts";

/** Some twenty minutes of four members. */
const KEPT = 4_096;

export class ProbeLog implements ProbeHistory {
  readonly #rows: ProbeOutcome[] = [];
  #last = 0;

  append(row: Omit<ProbeOutcome, "id">): void {
    // A ring: row `id` lies at id modulo the number kept.
    this.#last++;
    this.#rows[this.#last % KEPT] = { id: this.#last, ...row };
  }

  since(id = 0): readonly ProbeOutcome[] {
    const rows: ProbeOutcome[] = [];
    for (let next = Math.max(id, this.#last - KEPT) + 1; next <= this.#last; next++) {
      const row = this.#rows[next % KEPT];
      if (row) rows.push(row);
    }
    return rows;
  }
}
