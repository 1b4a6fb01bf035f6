/**
 * What the text formats have in common: a line for each sample. Integers are written to the last digit, never through a double. It
 * writes bytes, because at tens of thousands of series building strings is most of a scrape's cost.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot } from "../../snapshot/histogram.ts";
import { decimalSeconds } from "./decimal-seconds.ts";
import { LabelEncoding, LabelSet, mapPairs, NO_LABELS } from "./label-set.ts";
import { PageBytes, type PageOptions } from "./page-bytes.ts";
import { type FamilyHead, type PageWriter, seriesName } from "./sample-writer.ts";
import type { Revision } from "./subject.ts";
import { utf8 } from "../utf8.ts";
import { highHalf, lowHalf, type Words } from "./words.ts";

/** A label set as it stands between name and value: `{group="ipmp0"} `, and ` ` when it is empty. */
const LABELS = new LabelEncoding((pairs) => {
  const all = mapPairs(pairs, (name, value) => `${name}="${escapeLabelValue(value)}"`).join(",");
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
    set = new LabelSet([...labels.pairs, "le", le]);
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

/** Lines of one scrape. Samples of a family follow each other; its head comes before the first. */
export class LineWriter implements PageWriter {
  readonly #dialect: Dialect;
  readonly #boot: bigint | undefined;
  readonly #page: PageBytes;
  #beginning: Beginning | undefined;
  #suffix: Uint8Array = NO_SUFFIX;

  /** Where `boot` is given, a line `_created` follows each counter and histogram. */
  constructor(dialect: Dialect, options: PageOptions = {}) {
    this.#dialect = dialect;
    this.#boot = options.boot;
    this.#page = new PageBytes(options);
  }

  family(head: FamilyHead, revision?: Revision): boolean {
    this.#page.endFamily();
    if (!this.#page.family(head, revision)) return false;
    this.#beginning = this.#dialect.beginningOf(head);
    return true;
  }

  integer(labels: LabelSet, more: LabelSet, value: number | bigint | boolean, start?: Hrtime): void {
    if (typeof value === "bigint" && value > MAX_EXACT) this.decimal(labels, more, String(value), start);
    else this.#whole(labels, more, Number(value), start);
  }

  word(labels: LabelSet, more: LabelSet, from: Words, index: number, start?: Hrtime): void {
    const high = highHalf(from, index);
    if (high >= EXACT_HIGH) this.decimal(labels, more, String(from.values[index]), start);
    else this.#whole(labels, more, high * TWO_32 + lowHalf(from, index), start);
  }

  half(labels: LabelSet, more: LabelSet, from: Words, index: number): void {
    this.#whole(labels, more, lowHalf(from, index));
  }

  decimal(labels: LabelSet, more: LabelSet, text: string, start?: Hrtime): void {
    const page = this.#page;
    const since = this.#boot === undefined ? undefined : start;
    const said = INFINITIES[text] ?? text;
    if (page.isNext(labels, more, since)) {
      page.replace(Number.NaN, this.#formerWidth(), said.length);
      writeText(page.target, page.position, said);
      return;
    }
    this.#begin(labels, more);
    const at = page.length;
    this.#text(said);
    this.#end(labels, more, since, Number.NaN, at);
  }

  histogram(labels: LabelSet, more: LabelSet, { buckets, count, sum }: HistogramSnapshot, start: Hrtime): void {
    this.#suffix = BUCKET;
    for (const bucket of buckets) this.#whole(labels, withBound(more, boundText(bucket.bound)), bucket.count);
    this.#whole(labels, withBound(more, "+Inf"), count);
    this.#suffix = SUM;
    this.decimal(labels, more, String(sum));
    this.#suffix = COUNT;
    this.#whole(labels, more, count, start);
    this.#suffix = NO_SUFFIX;
  }

  finish(): Uint8Array {
    const { end } = this.#dialect;
    const page = this.#page;
    page.endFamily();
    page.reserve(end.length);
    page.append(end);
    return page.bytes.subarray(0, page.length);
  }

  /** A whole number that a double holds exactly, not negative. */
  #whole(labels: LabelSet, more: LabelSet, value: number, start?: Hrtime): void {
    const page = this.#page;
    const since = this.#boot === undefined ? undefined : start;
    const isNext = page.isNext(labels, more, since);
    if (isNext && page.formerValue === value) return;
    const width = digitCount(value);
    if (isNext) {
      page.replace(value, this.#formerWidth(), width);
      writeDigits(page.target, page.position, value, width);
      return;
    }
    this.#begin(labels, more);
    const at = page.length;
    writeDigits(page.bytes, at, value, width);
    page.length += width;
    page.bytes[page.length++] = LINE_FEED;
    this.#end(labels, more, since, value, at);
  }

  /** Up to the end of the line. */
  #formerWidth(): number {
    const { former, formerAt } = this.#page;
    let end = formerAt;
    while (end < former.length && former[end] !== LINE_FEED) end++;
    return end - formerAt;
  }

  /** Name and labels, with room for a number after them. */
  #begin(labels: LabelSet, more: LabelSet): void {
    const page = this.#page;
    const { head, series } = this.#beginning ?? fail();
    if (page.isFirst) {
      page.reserve(head.length);
      page.append(head);
    }
    this.#name(series, this.#suffix, labels, more);
  }

  #name(name: Uint8Array, suffix: Uint8Array, labels: LabelSet, more: LabelSet): void {
    const page = this.#page;
    const first = LABELS.of(labels === NO_LABELS ? more : labels);
    page.reserve(name.length + suffix.length + first.length + NUMBER_ROOM);
    page.append(name);
    if (suffix !== NO_SUFFIX) page.append(suffix);
    page.append(first);
    if (labels !== NO_LABELS && more !== NO_LABELS) this.#join(LABELS.of(more));
  }

  /** `{a="1"} ` and `{b="2"} ` become `{a="1",b="2"} `. */
  #join(second: Uint8Array): void {
    const page = this.#page;
    page.reserve(second.length + NUMBER_ROOM);
    page.length -= END_LENGTH;
    const joint = page.length;
    page.append(second);
    page.bytes[joint] = COMMA;
  }

  /** The rest of a line. */
  #text(text: string): void {
    const page = this.#page;
    page.reserve(text.length + NUMBER_ROOM);
    writeText(page.bytes, page.length, text);
    page.length += text.length;
    page.bytes[page.length++] = LINE_FEED;
  }

  /** After the line of a value: when the counter or histogram began, in seconds since 1970. Milliseconds will do. */
  #end(labels: LabelSet, more: LabelSet, start: Hrtime | undefined, value: number, at: number): void {
    if (start !== undefined && this.#boot !== undefined) {
      const created = this.#boot + start;
      this.#name((this.#beginning ?? fail()).name, CREATED, labels, more);
      this.#text(decimalSeconds(created - (created % NANOSECONDS_PER_MILLISECOND)));
    }
    this.#page.add(labels, more, start, value, at);
  }
}

function fail(): never {
  throw new Error("a sample before any family");
}

/** All of them stand for themselves in Latin-1. */
function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}

/** Decimal digits, right to left, nine at a time so that most of the arithmetic is in 32 bits. */
function writeDigits(bytes: Uint8Array, at: number, value: number, width: number): void {
  let position = at + width;
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
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
