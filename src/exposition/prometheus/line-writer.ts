/**
 * What the text formats have in common: a line for each sample. Integers are written to the last digit, never through a double. It
 * writes bytes, because at tens of thousands of series building strings is most of a scrape's cost.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot } from "../../snapshot/histogram.ts";
import { decimalSeconds } from "./decimal-seconds.ts";
import { LabelEncoding, LabelSet, NO_LABELS } from "./label-set.ts";
import { type FamilyHead, type PageWriter, seriesName } from "./sample-writer.ts";
import { utf8 } from "./utf8.ts";
import { highHalf, lowHalf, type Words } from "./words.ts";

/** A label set as it stands between name and value: `{group="ipmp0"} `, and ` ` when it is empty. */
const LABELS = new LabelEncoding((pairs) => {
  const all = pairs.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(",");
  return utf8(all === "" ? " " : `{${all}} `);
});

/** What follows the last label. */
const END_LENGTH = "} ".length;

/** Backslash, quote and line feed are escaped in a label value; everything else stands for itself. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, (character) => ESCAPES[character] ?? character) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

const TWO_32 = 4_294_967_296;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** As JavaScript writes them and as the formats do. */
const INFINITIES: Readonly<Record<string, string>> = { Infinity: "+Inf", "-Infinity": "-Inf" };
const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);
/** A high half below this keeps the whole word below 2^53, where a double is exact. */
const EXACT_HIGH = 0x20_0000;

/** Room for the longest number and a line feed; label sets and names are asked for by their length. */
const NUMBER_ROOM = 32;
const BILLION = 1_000_000_000;
const LINE_FEED = 10;
const ZERO = 48;
const COMMA = 44;

const BUCKET = utf8("_bucket");
const SUM = utf8("_sum");
const COUNT = utf8("_count");
const CREATED = utf8("_created");
const NO_SUFFIX: Uint8Array = new Uint8Array(0);

const bounded = new WeakMap<LabelSet, Map<string, LabelSet>>();

/** The labels of a bucket, made once. */
function withBound(labels: LabelSet, le: string): LabelSet {
  let known = bounded.get(labels);
  if (!known) {
    known = new Map();
    bounded.set(labels, known);
  }
  let set = known.get(le);
  if (!set) {
    set = new LabelSet([...labels.pairs, ["le", le]]);
    known.set(le, set);
  }
  return set;
}

/** A bound as Go's clients write it in OpenMetrics, and Prometheus when it reads protobuf: a series has one name in all formats. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

/** What stands before the samples of a family, and the names of its samples and of `_created`, up to the suffix. */
interface Beginning {
  readonly head: Uint8Array;
  readonly series: Uint8Array;
  readonly name: Uint8Array;
}

/** Wherein one text format differs from another. */
export class Dialect {
  readonly end: Uint8Array;
  readonly #headOf: (family: FamilyHead) => string;
  /** Families are constants: each is made once. */
  readonly #beginnings = new WeakMap<FamilyHead, Beginning>();

  /** What stands before the samples of a family, and after the last family. */
  constructor(headOf: (family: FamilyHead) => string, end: string) {
    this.#headOf = headOf;
    this.end = utf8(end);
  }

  beginningOf(family: FamilyHead): Beginning {
    let known = this.#beginnings.get(family);
    if (!known) {
      known = { head: utf8(this.#headOf(family)), series: utf8(seriesName(family)), name: utf8(family.name) };
      this.#beginnings.set(family, known);
    }
    return known;
  }
}

/** Lines of one scrape, in one growing buffer. Samples of a family follow each other; its head comes before the first. */
export class LineWriter implements PageWriter {
  readonly #dialect: Dialect;
  readonly #boot: bigint | undefined;
  #bytes: Uint8Array;
  #length = 0;
  #head: FamilyHead | undefined;
  #series: Uint8Array = NO_SUFFIX;
  #name: Uint8Array = NO_SUFFIX;
  #suffix: Uint8Array = NO_SUFFIX;

  /**
   * `buffer`: where to write, for as long as it is large enough. `boot`: when the clock of the snapshot stood at 0, in nanoseconds
   * since 1970, for a line `_created` after each counter and histogram; undefined for none.
   */
  constructor(dialect: Dialect, buffer: Uint8Array = new Uint8Array(16_384), boot?: bigint) {
    this.#dialect = dialect;
    this.#bytes = buffer;
    this.#boot = boot;
  }

  family(head: FamilyHead): void {
    this.#head = head;
  }

  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean, start?: Hrtime): void {
    if (typeof value === "bigint" && value > MAX_EXACT) {
      this.decimal(labels, more, String(value), start);
      return;
    }
    this.#begin(labels, more);
    this.#digits(Number(value));
    this.#bytes[this.#length++] = LINE_FEED;
    if (start !== undefined && this.#boot !== undefined) this.#created(labels, more, this.#boot + start);
  }

  word(labels: LabelSet, more: LabelSet, from: Words, index: number, start?: Hrtime): void {
    const high = highHalf(from, index);
    if (high >= EXACT_HIGH) {
      this.decimal(labels, more, String(from.values[index]), start);
      return;
    }
    this.#begin(labels, more);
    this.#digits(high * TWO_32 + lowHalf(from, index));
    this.#bytes[this.#length++] = LINE_FEED;
    if (start !== undefined && this.#boot !== undefined) this.#created(labels, more, this.#boot + start);
  }

  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    this.integer(labels, more, lowHalf(from, index));
  }

  decimal(labels: LabelSet, more: LabelSet, text: string, start?: Hrtime): void {
    this.#begin(labels, more);
    this.#text(INFINITIES[text] ?? text);
    if (start !== undefined && this.#boot !== undefined) this.#created(labels, more, this.#boot + start);
  }

  histogram(labels: LabelSet, more: LabelSet, { buckets, count, sum }: HistogramSnapshot, start: Hrtime): void {
    this.#suffix = BUCKET;
    for (const bucket of buckets) this.integer(labels, withBound(more, boundText(bucket.bound)), bucket.count);
    this.integer(labels, withBound(more, "+Inf"), count);
    this.#suffix = SUM;
    this.decimal(labels, more, String(sum));
    this.#suffix = COUNT;
    this.integer(labels, more, count);
    this.#suffix = NO_SUFFIX;
    if (this.#boot !== undefined) this.#created(labels, more, this.#boot + start);
  }

  finish(): Uint8Array {
    const { end } = this.#dialect;
    this.#reserve(end.length);
    this.#append(end);
    return this.#bytes.subarray(0, this.#length);
  }

  /** When a counter or a histogram began: nanoseconds since 1970. Milliseconds will do. */
  #created(labels: LabelSet, more: LabelSet, at: bigint): void {
    const series = this.#series;
    this.#series = this.#name;
    this.#suffix = CREATED;
    this.#begin(labels, more);
    this.#text(decimalSeconds(at - (at % NANOSECONDS_PER_MILLISECOND)));
    this.#suffix = NO_SUFFIX;
    this.#series = series;
  }

  /** The rest of a line. */
  #text(text: string): void {
    this.#reserve(text.length + NUMBER_ROOM);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text.charCodeAt(index);
    this.#bytes[this.#length++] = LINE_FEED;
  }

  /** Name and labels, with room for a number after them. */
  #begin(labels: LabelSet, more: LabelSet): void {
    if (this.#head !== undefined) this.#beginFamily(this.#head);
    const first = LABELS.of(labels === NO_LABELS ? more : labels);
    this.#reserve(this.#series.length + this.#suffix.length + first.length + NUMBER_ROOM);
    this.#append(this.#series);
    if (this.#suffix !== NO_SUFFIX) this.#append(this.#suffix);
    this.#append(first);
    if (labels !== NO_LABELS && more !== NO_LABELS) this.#join(LABELS.of(more));
  }

  /** `{a="1"} ` and `{b="2"} ` become `{a="1",b="2"} `. */
  #join(second: Uint8Array): void {
    this.#reserve(second.length + NUMBER_ROOM);
    this.#length -= END_LENGTH;
    const joint = this.#length;
    this.#append(second);
    this.#bytes[joint] = COMMA;
  }

  #beginFamily(family: FamilyHead): void {
    this.#head = undefined;
    const { head, series, name } = this.#dialect.beginningOf(family);
    this.#series = series;
    this.#name = name;
    this.#reserve(head.length);
    this.#append(head);
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
  }

  /** Decimal digits, right to left, nine at a time so that most of the arithmetic is in 32 bits. */
  #digits(value: number): void {
    const bytes = this.#bytes;
    const end = this.#length + digitCount(value);
    let position = end;
    let rest = value;
    while (rest >= BILLION) {
      const quotient = Math.floor(rest / BILLION);
      let nine = (rest - quotient * BILLION) | 0;
      for (let count = 0; count < 9; count++) {
        const tenth = (nine / 10) | 0;
        bytes[--position] = ZERO + nine - tenth * 10;
        nine = tenth;
      }
      rest = quotient;
    }
    let nine = rest | 0;
    do {
      const tenth = (nine / 10) | 0;
      bytes[--position] = ZERO + nine - tenth * 10;
      nine = tenth;
    } while (nine > 0);
    this.#length = end;
  }
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
