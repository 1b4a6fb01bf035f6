/** A row of the table of an illumos system: what came of it. */

import type { Counts } from "../accuracy/counts.ts";
import type { Played, Row } from "../accuracy/play-rows.ts";

/** Of the group's own kstat, of all groups that had its name, and of our counters. The system did not tell what is missing at any time that it was asked. */
export interface IllumosPlayed extends Played {
  /** Growth of the links' kstats, as a sum over the members' names has it. */
  readonly ofLinks: Counts;
}

export type IllumosRow = Row<IllumosPlayed>;
