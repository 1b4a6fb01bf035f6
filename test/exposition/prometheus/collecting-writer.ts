/** A format that is no text: it keeps samples as values. It shows what a further format of exposition is made of. */

import { LabelEncoding, type LabelSet, mapPairs } from "#src/exposition/prometheus/label-set.js";
import { type FamilyHead, type SampleWriter, seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { lowHalf, type Words } from "#src/exposition/prometheus/words.js";
import type { Hrtime } from "#src/kstat/hrtime.js";

import type { HistogramSnapshot } from "#src/snapshot/histogram.js";
export interface CollectedSample {
  readonly family: FamilyHead;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: bigint | number | HistogramSnapshot;
  readonly start: Hrtime | undefined;
}

const LABELS = new LabelEncoding((pairs) => Object.fromEntries(mapPairs(pairs, (name, value) => [name, value])));

export class CollectingWriter implements SampleWriter {
  readonly samples: CollectedSample[] = [];
  #family: FamilyHead | undefined;

  family(head: FamilyHead): boolean {
    this.#family = head;
    return true;
  }

  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean, start?: Hrtime): void {
    this.#keep(labels, more, BigInt(value), start);
  }

  word(labels: LabelSet, more: LabelSet, from: Words, index: number, start?: Hrtime): void {
    this.#keep(labels, more, from.values[index] ?? 0n, start);
  }

  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    this.#keep(labels, more, BigInt(lowHalf(from, index)), undefined);
  }

  decimal(labels: LabelSet, more: LabelSet, text: string, start?: Hrtime): void {
    this.#keep(labels, more, Number(text), start);
  }

  histogram(labels: LabelSet, more: LabelSet, value: HistogramSnapshot, start: Hrtime): void {
    this.#keep(labels, more, value, start);
  }

  #keep(labels: LabelSet, more: LabelSet, value: CollectedSample["value"], start: Hrtime | undefined): void {
    if (this.#family === undefined) throw new Error("a sample before any family");
    const family = this.#family;
    const all = { ...LABELS.of(labels), ...LABELS.of(more) };
    this.samples.push({ family, name: seriesName(family), labels: all, value, start });
  }
}
