/** A row of the table of groups over two devices: what came of it. */

import type { Counts } from "../accuracy/counts.ts";
import type { Played, Row } from "../accuracy/play-rows.ts";

/** Of the devices' own counters of the members, and of the group's. Nobody outside of the devices could have known what is missing. */
export interface ChassisPlayed extends Played {
  /** What prometheus-snmp-exporter's samples of the members come to: sum(increase(…)), and increase(sum(…)). */
  readonly sumOfIncreases: Counts;
  readonly increaseOfSum: Counts;
  /** Scrapes of both devices through it. */
  readonly rivalSamples: number;
}

export type ChassisRow = Row<ChassisPlayed>;
