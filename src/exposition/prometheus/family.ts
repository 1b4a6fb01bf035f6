/** A metric family as the tables have it: its head, and how its samples are taken from the rows of a snapshot. */

import type { Rows } from "./rows.ts";
import type { FamilyHead, SampleWriter } from "./sample-writer.ts";

export interface Family extends FamilyHead {
  readonly samples: (rows: Rows, writer: SampleWriter) => void;
}
