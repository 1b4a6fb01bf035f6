/**
 * What metric families are written to. A format of exposition is one implementation of {@link SampleWriter}, in a file of its
 * own; no family knows which one it has before it.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot } from "../../snapshot/histogram.ts";
import type { LabelSet } from "./label-set.ts";
import type { Revision } from "./subject.ts";
import type { Words } from "./words.ts";

/** As OpenMetrics has them. An `info` is always 1 and says what it says in its labels. */
export type MetricType = "counter" | "gauge" | "histogram" | "info" | "unknown";

export interface FamilyHead {
  /** Without the suffix that the type gives it: see {@link seriesName}. */
  readonly name: string;
  readonly type: MetricType;
  /** The name ends with it. Absent: a plain number. */
  readonly unit?: "bytes" | "seconds";
  /** One sentence, with the kstat or kernel symbol that the number comes from. */
  readonly help: string;
}

const SUFFIX: Readonly<Record<MetricType, string>> = {
  counter: "_total",
  gauge: "",
  histogram: "",
  info: "_info",
  unknown: "",
};

/** The name that samples have in every format and in queries; those of a histogram have more after it. */
export function seriesName({ name, type }: FamilyHead): string {
  return name + SUFFIX[type];
}

/**
 * Takes the samples of one scrape, family by family. The labels of a sample are those of `labels` and then those of `more`, two
 * sets so that each is made once: that of a group or member, and that of the family. `start` is when a counter began, on the
 * clock of the snapshot; every counter and histogram has it, and nothing else does.
 */
export interface SampleWriter {
  /**
   * Begins a family. One without samples leaves no trace. `revision` stands for its samples; where they were written under that before, all
   * of them are there already, the answer is false, and none may follow.
   */
  family(head: FamilyHead, revision?: Revision): boolean;
  /** A whole number that is not negative and exact, or 0 and 1 for a truth. */
  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean, start?: Hrtime): void;
  /** One 64-bit word of a row of counters, unsigned. */
  word(labels: LabelSet, more: LabelSet, from: Words, index: number, start?: Hrtime): void;
  /** The low 32 bits of such a word, as a 32-bit statistic shows it. */
  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void;
  /** Any other number, as JavaScript writes it: "0.5". */
  decimal(labels: LabelSet, more: LabelSet, text: string, start?: Hrtime): void;
  histogram(labels: LabelSet, more: LabelSet, value: HistogramSnapshot, start: Hrtime): void;
}

/** A writer of one scrape in one format. */
export interface PageWriter extends SampleWriter {
  /** The whole page, in the memory that was written to. */
  finish(): Uint8Array;
}
