/** A metric family as the tables have it: its head, and how its samples are taken from the rows of a snapshot. */

import type { Rows } from "./rows.ts";
import type { FamilyHead, SampleWriter } from "./sample-writer.ts";

export interface Family extends FamilyHead {
  /** It shows counters or times, which the subject of its collector does not tell of: it is written for each page. */
  readonly moves?: true;
  readonly samples: (rows: Rows, writer: SampleWriter) => void;
}
