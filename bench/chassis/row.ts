/** A row of the table of groups over two devices: what happens, and what came of it. */

import type { Hooks } from "../../test/support/netns.ts";
import type { Counts } from "../accuracy/counts.ts";

export interface ChassisRow {
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Why something may be missing. */
  readonly explanation?: string;
  readonly play: (hooks: Hooks) => Promise<Played>;
}

export interface Played {
  /** Growth of the devices' own counters of the members. */
  readonly carried: Counts;
  /** Growth of the group's counters. */
  readonly said: Counts;
  /** No more than this may be missing, because nobody outside of the device could have known it; undefined: nothing may. */
  readonly bound: Counts | undefined;
  /** What prometheus-snmp-exporter's samples of the members come to: sum(increase(…)), and increase(sum(…)). */
  readonly sumOfIncreases: Counts;
  readonly increaseOfSum: Counts;
  /** Scrapes of both devices through it. */
  readonly rivalSamples: number;
  /** Falls and jumps of the group's counters. */
  readonly faults: readonly string[];
}
