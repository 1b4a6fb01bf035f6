/** Every `ipmp_*` family, in the order of the page, and a scrape of them. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import { EXPORTER_FAMILIES } from "./exporter-families.ts";
import { type Family, rowsOf } from "./family.ts";
import { GROUP_FAMILIES } from "./group-families.ts";
import { MEMBER_FAMILIES } from "./member-families.ts";
import { TextWriter } from "./text-format.ts";
import { GROUP_TRAFFIC, MEMBER_TRAFFIC } from "./traffic-families.ts";

export const FAMILIES: readonly Family[] = [
  ...GROUP_FAMILIES,
  ...GROUP_TRAFFIC,
  ...MEMBER_FAMILIES,
  ...MEMBER_TRAFFIC,
  ...EXPORTER_FAMILIES,
];

/** The snapshot in text format 0.0.4, UTF-8. `sizeHint`: bytes of a former result. */
export function renderText(snapshot: Snapshot, sizeHint?: number): Uint8Array {
  const rows = rowsOf(snapshot);
  const writer = new TextWriter(sizeHint);
  for (const family of FAMILIES) {
    writer.family(family);
    family.samples(rows, writer);
  }
  return writer.finish();
}
