/** Every `ipmp_*` family, in the order of the page, and a scrape of them. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import { BOND_FAMILIES } from "./bond-families.ts";
import { COLLECTOR_FAMILIES } from "./collector-families.ts";
import { ENGINE_FAMILIES } from "./engine-families.ts";
import type { Family } from "./family.ts";
import { GROUP_FAMILIES } from "./group-families.ts";
import { KSTAT_FAMILIES } from "./kstat-families.ts";
import { MEMBER_FAMILIES } from "./member-families.ts";
import { PROBE_FAMILIES } from "./probe-families.ts";
import { RowLabels } from "./row-labels.ts";
import { rowsOf } from "./rows.ts";
import type { SampleWriter } from "./sample-writer.ts";
import { SNMP_FAMILIES } from "./snmp-families.ts";
import { SOURCE_FAMILIES } from "./source-families.ts";
import { STATE_FAMILIES } from "./state-families.ts";
import { TextWriter } from "./text-writer.ts";
import { GROUP_TRAFFIC, MEMBER_TRAFFIC } from "./traffic-families.ts";

export const FAMILIES: readonly Family[] = [
  ...GROUP_FAMILIES,
  ...GROUP_TRAFFIC,
  ...MEMBER_FAMILIES,
  ...MEMBER_TRAFFIC,
  ...PROBE_FAMILIES,
  ...BOND_FAMILIES,
  ...KSTAT_FAMILIES,
  ...ENGINE_FAMILIES,
  ...SOURCE_FAMILIES,
  ...STATE_FAMILIES,
  ...SNMP_FAMILIES,
  ...COLLECTOR_FAMILIES,
];

/** Writes scrapes, and remembers between them the label sets that they have in common. */
export class MetricsPage {
  readonly #labels = new RowLabels();

  write(snapshot: Snapshot, writer: SampleWriter): void {
    const rows = rowsOf(snapshot, this.#labels);
    for (const family of FAMILIES) {
      writer.family(family);
      family.samples(rows, writer);
    }
    this.#labels.sweep();
  }
}

/** One snapshot by itself, in text format 0.0.4. */
export function renderText(snapshot: Snapshot): Uint8Array {
  const writer = new TextWriter();
  new MetricsPage().write(snapshot, writer);
  return writer.finish();
}
