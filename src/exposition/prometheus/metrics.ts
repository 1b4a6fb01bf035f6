/** Every `ipmp_*` family, in the order of the page, and a scrape of them. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import { EXPORTER_FAMILIES } from "./exporter-families.ts";
import { type Family, rowsOf } from "./family.ts";
import { GROUP_FAMILIES } from "./group-families.ts";
import { MEMBER_FAMILIES } from "./member-families.ts";
import { RowLabels } from "./row-labels.ts";
import { TextWriter } from "./text-format.ts";
import { GROUP_TRAFFIC, MEMBER_TRAFFIC } from "./traffic-families.ts";

export const FAMILIES: readonly Family[] = [
  ...GROUP_FAMILIES,
  ...GROUP_TRAFFIC,
  ...MEMBER_FAMILIES,
  ...MEMBER_TRAFFIC,
  ...EXPORTER_FAMILIES,
];

/** Writes scrapes, and remembers between them what they have in common. */
export class MetricsPage {
  readonly #labels = new RowLabels();

  /**
   * The snapshot in text format 0.0.4, UTF-8, with `more` after it (families in the same format). It is written into `buffer`
   * when that is large enough, and else into a new one.
   */
  render(snapshot: Snapshot, more = "", buffer?: Uint8Array): Uint8Array {
    const rows = rowsOf(snapshot, this.#labels);
    const writer = new TextWriter(buffer);
    for (const family of FAMILIES) {
      writer.family(family);
      family.samples(rows, writer);
    }
    this.#labels.sweep();
    writer.raw(more);
    return writer.finish();
  }
}

/** One snapshot by itself. */
export function renderText(snapshot: Snapshot): Uint8Array {
  return new MetricsPage().render(snapshot);
}
