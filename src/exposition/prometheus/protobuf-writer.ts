/**
 * Prometheus' protocol buffers: io.prometheus.client.MetricFamily of client_model (metrics.proto), each after its length. Values are
 * doubles there, so that counters above 2^53 are rounded. It is the format with the start of counters and with native histograms.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot, NativeBuckets } from "../../snapshot/histogram.ts";
import { LabelEncoding, type LabelSet, mapPairs } from "./label-set.ts";
import { doubleField, lengthField, signedField, varint, varintField, varintLength, zigzag } from "./protobuf-fields.ts";
import { PageBytes, type PageOptions } from "./page-bytes.ts";
import { type FamilyHead, type MetricType, type PageWriter, seriesName } from "./sample-writer.ts";
import type { Revision } from "./subject.ts";
import { utf8 } from "../utf8.ts";
import { highHalf, lowHalf, type Words } from "./words.ts";

/** MetricType, and the field of Metric that holds the value. The format does not know infos. */
const KINDS: Readonly<Record<MetricType, { readonly type: number; readonly field: number }>> = {
  counter: { type: 0, field: 3 },
  gauge: { type: 1, field: 2 },
  info: { type: 1, field: 2 },
  unknown: { type: 3, field: 5 },
  histogram: { type: 4, field: 7 },
};

/** Wire type 2: a length and so many bytes. */
const lengthTag = (field: number): number => (field << 3) | 2;

const METRIC_FIELD = 4;
const METRIC_TAG = lengthTag(METRIC_FIELD);
/** Counter.value, Gauge.value and Untyped.value: field 1, eight bytes. */
const VALUE_TAG = (1 << 3) | 1;
const DOUBLE_LENGTH = 8;
/** Counter.created_timestamp. */
const CREATED_TAG = lengthTag(3);
const HISTOGRAM_CREATED = 15;

/** Tag and length of a Metric, of its value, and the value itself. */
const METRIC_ROOM = 32;
const TWO_32 = 4_294_967_296;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Label pairs as fields of Metric. Beside them a start that counters with these labels had, and what it is written as. */
interface EncodedLabels {
  readonly bytes: Uint8Array;
  start: Hrtime | undefined;
  boot: bigint;
  created: Uint8Array;
}

const LABELS = new LabelEncoding((pairs): EncodedLabels => {
  const fields = mapPairs(pairs, (name, value) =>
    lengthField(1, [...lengthField(1, utf8(name)), ...lengthField(2, utf8(value))]),
  );
  return { bytes: Uint8Array.from(fields.flat()), start: undefined, boot: 0n, created: NOTHING };
});

/** What stands before the metrics of a family. Families are constants: it is made once. */
interface Beginning {
  readonly head: Uint8Array;
  readonly valueTag: number;
  readonly isCounter: boolean;
  /** How many bytes the length of the family took the last time: a guess for the next time, when room is left for it before the family is there. */
  lengthBytes: number;
}

const beginnings = new WeakMap<FamilyHead, Beginning>();

function beginningOf(family: FamilyHead): Beginning {
  let known = beginnings.get(family);
  if (!known) {
    const { type, field } = KINDS[family.type];
    const unit = family.unit === undefined ? [] : lengthField(5, utf8(family.unit));
    const head = [...lengthField(1, utf8(seriesName(family))), ...lengthField(2, utf8(family.help))];
    known = {
      head: Uint8Array.from([...head, ...varintField(3, type), ...unit]),
      valueTag: lengthTag(field),
      isCounter: family.type === "counter",
      lengthBytes: 2,
    };
    beginnings.set(family, known);
  }
  return known;
}

export class ProtobufWriter implements PageWriter {
  readonly #boot: bigint;
  readonly #page: PageBytes;
  #family: Beginning | undefined;
  /** Bytes that are left before the family for its length. */
  #room = 0;

  constructor(boot: bigint, options: Omit<PageOptions, "boot"> = {}) {
    this.#boot = boot;
    this.#page = new PageBytes({ ...options, boot });
  }

  family(head: FamilyHead, revision?: Revision): boolean {
    this.#endFamily();
    const family = beginningOf(head);
    // Noted here: other pages may be written before this family ends.
    this.#room = family.lengthBytes;
    this.#page.reserve(this.#room);
    this.#page.length += this.#room;
    this.#family = family;
    return this.#page.family(head, revision);
  }

  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean, start?: Hrtime): void {
    this.#number(labels, more, Number(value), start);
  }

  word(labels: LabelSet, more: LabelSet, from: Words, index: number, start?: Hrtime): void {
    this.#number(labels, more, highHalf(from, index) * TWO_32 + lowHalf(from, index), start);
  }

  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    this.#number(labels, more, lowHalf(from, index), undefined);
  }

  decimal(labels: LabelSet, more: LabelSet, text: string, start?: Hrtime): void {
    this.#number(labels, more, Number(text), start);
  }

  histogram(labels: LabelSet, more: LabelSet, value: HistogramSnapshot, start: Hrtime): void {
    const page = this.#page;
    const number = numberOf(value);
    if (page.isNext(labels, more, start)) {
      if (page.formerValue === number) return;
      const metric = this.#histogram(labels, more, value, start);
      page.replace(number, page.formerEnd - page.formerAt, metric.length);
      page.target.set(metric, page.position);
      return;
    }
    this.#begin();
    const metric = this.#histogram(labels, more, value, start);
    const at = page.length;
    page.reserve(metric.length);
    page.append(metric);
    page.add(labels, more, start, number, at);
  }

  finish(): Uint8Array {
    this.#endFamily();
    const { bytes, length } = this.#page;
    return bytes.subarray(0, length);
  }

  #number(labels: LabelSet, more: LabelSet, value: number, start: Hrtime | undefined): void {
    const page = this.#page;
    if (page.isNext(labels, more, start)) {
      if (page.formerValue === value) return;
      page.replace(value, DOUBLE_LENGTH, DOUBLE_LENGTH);
      writeDouble(page.target, page.position, value);
      return;
    }
    const { valueTag, isCounter } = this.#begin();
    const first = LABELS.of(labels);
    const second = LABELS.of(more);
    const created = isCounter && start !== undefined ? this.#created(first, start) : NOTHING;
    const valueLength = 1 + DOUBLE_LENGTH + (created === NOTHING ? 0 : created.length + 2);
    const length = first.bytes.length + second.bytes.length + valueLength + 2;
    page.reserve(length + METRIC_ROOM);
    page.bytes[page.length++] = METRIC_TAG;
    this.#varint(length);
    page.append(first.bytes);
    page.append(second.bytes);
    page.bytes[page.length++] = valueTag;
    page.bytes[page.length++] = valueLength;
    page.bytes[page.length++] = VALUE_TAG;
    const at = page.length;
    writeDouble(page.bytes, at, value);
    page.length += DOUBLE_LENGTH;
    if (created !== NOTHING) {
      page.bytes[page.length++] = CREATED_TAG;
      page.bytes[page.length++] = created.length;
      page.append(created);
    }
    page.add(labels, more, start, value, at);
  }

  /** A whole Metric. */
  #histogram(labels: LabelSet, more: LabelSet, value: HistogramSnapshot, start: Hrtime): Uint8Array {
    const first = LABELS.of(labels);
    const { buckets, count, sum, native } = value;
    const fields = [
      ...varintField(1, count),
      ...doubleField(2, sum),
      ...buckets.flatMap((bucket) =>
        lengthField(3, [...varintField(1, bucket.count), ...doubleField(2, bucket.bound)]),
      ),
      ...(native === undefined ? [] : nativeFields(native)),
      ...lengthField(HISTOGRAM_CREATED, this.#created(first, start)),
    ];
    const all = [...first.bytes, ...LABELS.of(more).bytes, ...lengthField(KINDS.histogram.field, fields)];
    return Uint8Array.from(lengthField(METRIC_FIELD, all));
  }

  /** A start as google.protobuf.Timestamp, as long as the same labels have the same start made once. */
  #created(labels: EncodedLabels, start: Hrtime): Uint8Array {
    if (labels.start !== start || labels.boot !== this.#boot) {
      const at = this.#boot + start;
      const seconds = Number(at / NANOSECONDS_PER_SECOND);
      const nanoseconds = Number((at % NANOSECONDS_PER_SECOND) / NANOSECONDS_PER_MILLISECOND) * 1e6;
      labels.created = Uint8Array.from([...varintField(1, seconds), ...varintField(2, nanoseconds)]);
      labels.start = start;
      labels.boot = this.#boot;
    }
    return labels.created;
  }

  /** Before a metric that is new: before the first of a family its head. */
  #begin(): Beginning {
    const family = this.#family;
    if (family === undefined) throw new Error("a sample before any family");
    const page = this.#page;
    if (page.isFirst) {
      page.reserve(family.head.length);
      page.append(family.head);
    }
    return family;
  }

  /** Writes the length of the family into the room before it. When it needs another room, the family is moved. */
  #endFamily(): void {
    const family = this.#family;
    if (family === undefined) return;
    this.#family = undefined;
    const page = this.#page;
    const length = page.endFamily();
    const room = this.#room;
    const begin = page.length - length - room;
    if (length === 0) {
      page.length = begin;
      return;
    }
    family.lengthBytes = varintLength(length);
    page.reserve(METRIC_ROOM);
    if (family.lengthBytes !== room) {
      page.bytes.copyWithin(begin + family.lengthBytes, begin + room, page.length);
    }
    page.length = begin;
    this.#varint(length);
    page.length += length;
  }

  #varint(value: number): void {
    const page = this.#page;
    let rest = value;
    while (rest > 0x7f) {
      page.bytes[page.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    page.bytes[page.length++] = rest;
  }
}

const double = new Uint8Array(DOUBLE_LENGTH);
const doubleView = new DataView(double.buffer);

function writeDouble(bytes: Uint8Array, at: number, value: number): void {
  doubleView.setFloat64(0, value, true);
  for (let index = 0; index < DOUBLE_LENGTH; index++) bytes[at + index] = double[index] ?? 0;
}

let numbered = 0;
const numbers = new WeakMap<HistogramSnapshot, number>();

/** Stands for all that is in the histogram: a snapshot never changes. */
function numberOf(histogram: HistogramSnapshot): number {
  let number = numbers.get(histogram);
  if (number === undefined) {
    number = numbered++;
    numbers.set(histogram, number);
  }
  return number;
}

/** Fields 5 to 7, 12 and 13 of Histogram: runs of buckets without a gap, and each count as the difference from the one before. */
function nativeFields({ schema, zeroThreshold, zeroCount, buckets }: NativeBuckets): number[] {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let next = 0;
  let before = 0;
  for (const { index, count } of buckets) {
    const span = spans.at(-1);
    if (span !== undefined && index === next) span.length++;
    else spans.push({ offset: index - next, length: 1 });
    deltas.push(...varint(zigzag(count - before)));
    next = index + 1;
    before = count;
  }
  return [
    ...signedField(5, schema),
    ...doubleField(6, zeroThreshold),
    ...varintField(7, zeroCount),
    ...spans.flatMap(({ offset, length }) => lengthField(12, [...signedField(1, offset), ...varintField(2, length)])),
    ...lengthField(13, deltas),
  ];
}
