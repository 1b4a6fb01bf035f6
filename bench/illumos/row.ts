/** A row of the table of an illumos system: what happens, and what came of it. */

import type { Hooks } from "../../test/support/netns.ts";
import type { Counts } from "../accuracy/counts.ts";

export interface IllumosRow {
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Why something may be missing. */
  readonly explanation?: string;
  readonly play: (hooks: Hooks) => Promise<Played>;
}

export interface Played {
  /** Growth of the group's own kstat, of all groups that had its name. */
  readonly carried: Counts;
  /** Growth of our counters of the group. */
  readonly said: Counts;
  /** No more than this may be missing, because the system did not tell it at any time that it was asked; undefined: nothing may. */
  readonly bound: Counts | undefined;
  /** Growth of the links' kstats, as a sum over the members' names has it. */
  readonly ofLinks: Counts;
  /** Falls and jumps of the group's counters. */
  readonly faults: readonly string[];
}
