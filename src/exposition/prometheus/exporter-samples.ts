/** Samples that there are once for the exporter as a whole. What it counts of itself begins with the process. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";

/** At most one number; undefined is no sample. */
export function oneGauge(value: (snapshot: Snapshot) => boolean | undefined): Family["samples"] {
  return ({ snapshot }, writer) => {
    const said = value(snapshot);
    if (said !== undefined) writer.integer(NO_LABELS, NO_LABELS, said);
  };
}

/** At most one count; undefined is no sample. */
export function oneCounter(value: (snapshot: Snapshot) => bigint | undefined): Family["samples"] {
  return ({ snapshot }, writer) => {
    const said = value(snapshot);
    if (said !== undefined) writer.integer(NO_LABELS, NO_LABELS, said, snapshot.startedAt);
  };
}

/** A count for each kind of what is counted; the kind is the value of `label`. */
export function countsBy(
  label: string,
  counts: (snapshot: Snapshot) => Readonly<Record<string, bigint>> | undefined,
): Family["samples"] {
  return ({ snapshot, labels }, writer) => {
    for (const [kind, count] of Object.entries(counts(snapshot) ?? {})) {
      writer.integer(labels.ofExporter({ [label]: kind }), NO_LABELS, count, snapshot.startedAt);
    }
  };
}
