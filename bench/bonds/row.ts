/** A row of the table of bonds: what happens, and what came of it. */

import type { Counts } from "../accuracy/counts.ts";
import type { BondStage } from "./bond-stage.ts";

export interface BondRow {
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Why something may be missing; how much at most is told with the outcome. */
  readonly explanation?: string;
  readonly disturb: (stage: BondStage) => Promise<void>;
}

/** Who is asked, besides us, and for what: the bond's own series, or those of its slaves added up. */
export const RIVAL_COLUMNS = [
  "node_exporter: the bond",
  "node_exporter: Σ slaves",
  "snmpd: the bond",
  "snmpd: Σ slaves",
] as const;

export interface BondOutcome {
  readonly name: string;
  readonly title: string;
  /** Growth of the kernel's own counters of the bond. */
  readonly carried: Counts;
  /** Growth of the group's counters. */
  readonly said: Counts;
  /** sum(increase(…)) in the order of {@link RIVAL_COLUMNS}. */
  readonly rivals: readonly Counts[];
  readonly polls: number;
  readonly explanation?: string;
  /** Of a row with an explanation: the most that the bond carried between two readings, and no more may be missing. */
  readonly bound?: Counts;
}
