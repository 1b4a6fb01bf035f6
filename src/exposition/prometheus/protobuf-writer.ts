/**
 * Prometheus' protocol buffers: io.prometheus.client.MetricFamily of client_model (metrics.proto), each after its length. Values are
 * doubles there, so that counters above 2^53 are rounded. It is the format with the start of counters and with native histograms.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot, NativeBuckets } from "../../snapshot/histogram.ts";
import { LabelEncoding, type LabelSet } from "./label-set.ts";
import { doubleField, lengthField, signedField, varint, varintField, varintLength, zigzag } from "./protobuf-fields.ts";
import { type FamilyHead, type MetricType, type PageWriter, seriesName } from "./sample-writer.ts";
import { utf8 } from "./utf8.ts";
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

const METRIC_TAG = lengthTag(4);
/** Counter.value, Gauge.value and Untyped.value: field 1, eight bytes. */
const VALUE_TAG = (1 << 3) | 1;
const VALUE_LENGTH = 9;
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
  const fields = pairs.flatMap(([name, value]) =>
    lengthField(1, [...lengthField(1, utf8(name)), ...lengthField(2, utf8(value))]),
  );
  return { bytes: Uint8Array.from(fields), start: undefined, boot: 0n, created: NOTHING };
});

/** What stands before the metrics of a family. Families are constants: it is made once. */
interface Beginning {
  readonly head: Uint8Array;
  readonly valueTag: number;
  readonly isCounter: boolean;
  /** Bytes that the length of the family took the last time. */
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
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  /** A family without a metric so far. */
  #head: FamilyHead | undefined;
  /** The family whose metrics are being written, and where it begins, after its length. */
  #family: Beginning | undefined;
  #familyAt = 0;

  /**
   * `boot`: when the clock of the snapshot stood at 0, in nanoseconds since 1970. `buffer`: where to write, for as long as it is
   * large enough.
   */
  constructor(boot: bigint, buffer: Uint8Array = new Uint8Array(16_384)) {
    this.#boot = boot;
    this.#bytes = buffer;
    this.#view = viewOf(buffer);
  }

  family(head: FamilyHead): void {
    this.#endFamily();
    this.#head = head;
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

  histogram(labels: LabelSet, more: LabelSet, { buckets, count, sum, native }: HistogramSnapshot, start: Hrtime): void {
    const [first, second] = [LABELS.of(labels), LABELS.of(more)];
    const fields = [
      ...varintField(1, count),
      ...doubleField(2, sum),
      ...buckets.flatMap((bucket) =>
        lengthField(3, [...varintField(1, bucket.count), ...doubleField(2, bucket.bound)]),
      ),
      ...(native === undefined ? [] : nativeFields(native)),
      ...lengthField(HISTOGRAM_CREATED, this.#created(first, start)),
    ];
    const { valueTag } = this.#begin();
    const length = first.bytes.length + second.bytes.length + 1 + varintLength(fields.length) + fields.length;
    this.#reserve(length + METRIC_ROOM);
    this.#bytes[this.#length++] = METRIC_TAG;
    this.#varint(length);
    this.#append(first.bytes);
    this.#append(second.bytes);
    this.#bytes[this.#length++] = valueTag;
    this.#varint(fields.length);
    for (const byte of fields) this.#bytes[this.#length++] = byte;
  }

  finish(): Uint8Array {
    this.#endFamily();
    return this.#bytes.subarray(0, this.#length);
  }

  #number(labels: LabelSet, more: LabelSet, value: number, start: Hrtime | undefined): void {
    const { valueTag, isCounter } = this.#begin();
    const first = LABELS.of(labels);
    const second = LABELS.of(more);
    const created = isCounter && start !== undefined ? this.#created(first, start) : NOTHING;
    const valueLength = VALUE_LENGTH + (created === NOTHING ? 0 : created.length + 2);
    const length = first.bytes.length + second.bytes.length + valueLength + 2;
    this.#reserve(length + METRIC_ROOM);
    this.#bytes[this.#length++] = METRIC_TAG;
    this.#varint(length);
    this.#append(first.bytes);
    this.#append(second.bytes);
    this.#bytes[this.#length++] = valueTag;
    this.#bytes[this.#length++] = valueLength;
    this.#bytes[this.#length++] = VALUE_TAG;
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
    if (created === NOTHING) return;
    this.#bytes[this.#length++] = CREATED_TAG;
    this.#bytes[this.#length++] = created.length;
    this.#append(created);
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

  /** Before the first metric of a family: its head, with room for its length before it. */
  #begin(): Beginning {
    const head = this.#head;
    if (head === undefined && this.#family !== undefined) return this.#family;
    if (head === undefined) throw new Error("a sample before any family");
    const beginning = beginningOf(head);
    this.#reserve(beginning.head.length + METRIC_ROOM);
    this.#length += beginning.lengthBytes;
    this.#familyAt = this.#length;
    this.#append(beginning.head);
    this.#head = undefined;
    this.#family = beginning;
    return beginning;
  }

  /** Writes the length of the family into the room before it. When it needs another room, the family is moved. */
  #endFamily(): void {
    const family = this.#family;
    if (family === undefined) return;
    this.#family = undefined;
    const length = this.#length - this.#familyAt;
    const room = family.lengthBytes;
    family.lengthBytes = varintLength(length);
    const begin = this.#familyAt - room;
    this.#reserve(METRIC_ROOM);
    if (family.lengthBytes !== room) {
      this.#bytes.copyWithin(begin + family.lengthBytes, this.#familyAt, this.#length);
    }
    this.#length = begin;
    this.#varint(length);
    this.#length += length;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(room: number): void {
    if (this.#length + room <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + room));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
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
