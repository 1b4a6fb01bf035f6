/** The pages of one run of the program: each is, to the byte, the one that somebody who has written none before would write. */

import assert from "node:assert/strict";
import { FormerPage } from "#src/exposition/prometheus/former-page.js";
import { MetricsPage } from "#src/exposition/prometheus/metrics.js";
import { ProtobufWriter } from "#src/exposition/prometheus/protobuf-writer.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";

/** A page that nothing is copied into costs as much as all else of a scrape here: that of so many snapshots is compared. */
const ONE_OF = 4;

export class Pages {
  readonly #metrics = new MetricsPage();
  readonly #former = new FormerPage();
  #count = 0;

  check(snapshot: Snapshot): void {
    const page = write(this.#metrics, snapshot, this.#former);
    if (this.#count++ % ONE_OF === ONE_OF - 1) assert.deepEqual(page, write(new MetricsPage(), snapshot));
  }
}

/** Protobuf shows the starts of counters beside their values. */
function write(metrics: MetricsPage, snapshot: Snapshot, former?: FormerPage): Buffer {
  const writer = new ProtobufWriter(0n, { former });
  metrics.write(snapshot, writer);
  return Buffer.from(writer.finish());
}
