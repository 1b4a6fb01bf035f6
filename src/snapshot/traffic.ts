/** What groups and members had carried at earlier instants: what the page's plots are drawn from, and what of it survives a restart. */

import type { Hrtime } from "../kstat/hrtime.ts";

export interface TrafficReading {
  readonly at: Hrtime;
  /** A rate can be taken only between readings of one number: counters began anew in between, otherwise. */
  readonly run: number;
  /** Position of a series' two words (octets received, octets sent), by its key. The same object as long as the series are the same. */
  readonly layout: ReadonlyMap<string, number>;
  readonly words: BigUint64Array;
}

/** The readings of each span that a plot can show, by the span's name; the oldest first. */
export type TrafficRecord = ReadonlyMap<string, readonly TrafficReading[]>;
