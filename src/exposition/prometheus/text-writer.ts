/**
 * Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Integers are written to the last digit,
 * never through a double. It writes bytes, because at tens of thousands of series building strings is most of a scrape's cost.
 */

import { LabelEncoding, LabelSet, NO_LABELS } from "./label-set.ts";
import { type FamilyHead, type Histogram, type MetricType, type SampleWriter, seriesName } from "./sample-writer.ts";
import { utf8 } from "./utf8.ts";
import { highHalf, lowHalf, type Words } from "./words.ts";

export const TEXT_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A label set as it stands between name and value: `{group="ipmp0"} `, and ` ` when it is empty. */
const LABELS = new LabelEncoding((pairs) => {
  const all = pairs.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(",");
  return utf8(all === "" ? " " : `{${all}} `);
});

/** What follows the last label. */
const END_LENGTH = "} ".length;

/** The format does not know infos. */
const TYPES: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  info: "gauge",
  unknown: "untyped",
};

/** TYPE of a family. */
export function textType({ type }: FamilyHead): string {
  return TYPES[type];
}

/** Backslash, quote and line feed are escaped in a label value; everything else stands for itself. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, (character) => ESCAPES[character] ?? character) : value;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" };

/** In HELP a quote stands for itself. */
function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => ESCAPES[character] ?? character);
}

const TWO_32 = 4_294_967_296;
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

/** What stands before the samples of a family, and before the labels of each. Families are constants: it is made once. */
interface Beginning {
  readonly head: Uint8Array;
  readonly name: Uint8Array;
}

const beginnings = new WeakMap<FamilyHead, Beginning>();

function beginning(family: FamilyHead): Beginning {
  let known = beginnings.get(family);
  if (!known) {
    const name = seriesName(family);
    const head = `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${textType(family)}\n`;
    known = { head: utf8(head), name: utf8(name) };
    beginnings.set(family, known);
  }
  return known;
}

/** Lines of one scrape, in one growing buffer. Samples of a family follow each other; HELP and TYPE come before the first. */
export class TextWriter implements SampleWriter {
  #bytes: Uint8Array;
  #length = 0;
  #head: FamilyHead | undefined;
  #name: Uint8Array = new Uint8Array(0);
  #suffix: Uint8Array = NO_SUFFIX;

  /** `buffer`: where to write, for as long as it is large enough. */
  constructor(buffer: Uint8Array = new Uint8Array(16_384)) {
    this.#bytes = buffer;
  }

  family(head: FamilyHead): void {
    this.#head = head;
  }

  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean): void {
    if (typeof value === "bigint" && value > MAX_EXACT) {
      this.decimal(labels, more, String(value));
      return;
    }
    this.#begin(labels, more);
    this.#digits(Number(value));
    this.#bytes[this.#length++] = LINE_FEED;
  }

  word(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    const high = highHalf(from, index);
    if (high >= EXACT_HIGH) {
      this.decimal(labels, more, String(from.values[index]));
      return;
    }
    this.#begin(labels, more);
    this.#digits(high * TWO_32 + lowHalf(from, index));
    this.#bytes[this.#length++] = LINE_FEED;
  }

  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    this.integer(labels, more, lowHalf(from, index));
  }

  decimal(labels: LabelSet, more: LabelSet, text: string): void {
    this.#begin(labels, more);
    this.#reserve(text.length + NUMBER_ROOM);
    for (let index = 0; index < text.length; index++) this.#bytes[this.#length++] = text.charCodeAt(index);
    this.#bytes[this.#length++] = LINE_FEED;
  }

  histogram(labels: LabelSet, more: LabelSet, { buckets, count, sum }: Histogram): void {
    this.#suffix = BUCKET;
    for (const bucket of buckets) this.integer(labels, withBound(more, String(bucket.bound)), bucket.count);
    this.integer(labels, withBound(more, "+Inf"), count);
    this.#suffix = SUM;
    this.decimal(labels, more, String(sum));
    this.#suffix = COUNT;
    this.integer(labels, more, count);
    this.#suffix = NO_SUFFIX;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Name and labels, with room for a number after them. */
  #begin(labels: LabelSet, more: LabelSet): void {
    if (this.#head !== undefined) this.#beginFamily(this.#head);
    const first = LABELS.of(labels === NO_LABELS ? more : labels);
    this.#reserve(this.#name.length + this.#suffix.length + first.length + NUMBER_ROOM);
    this.#append(this.#name);
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
    const { head, name } = beginning(family);
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
