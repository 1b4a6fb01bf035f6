/**
 * Prometheus text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). Integers are written to the last digit,
 * never through a double. It writes bytes, because at tens of thousands of series building strings is most of a scrape's cost.
 */

import { utf8 } from "./utf8.ts";

export const TEXT_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type MetricType = "counter" | "gauge" | "untyped";

/** What HELP and TYPE say. */
export interface FamilyHead {
  readonly name: string;
  readonly type: MetricType;
  /** One sentence, with the kstat or kernel symbol that the number comes from. */
  readonly help: string;
}

/** The beginning of a label set (`{group="ipmp0"`), shared by many samples; never an empty set. */
export type OpenLabels = Uint8Array;
/** The rest of it up to the value (`,state="ok"} `). */
export type ClosingLabels = Uint8Array;

/** Labels in the order given. An empty value is left out: to Prometheus the two are the same. */
export type Labels = Readonly<Record<string, string>>;

export function openLabels(labels: Labels): OpenLabels {
  return utf8(`{${pairs(labels)}`);
}

export function closeLabels(labels: Labels): ClosingLabels {
  const more = pairs(labels);
  return more === "" ? END : utf8(`,${more}} `);
}

/** Ends a label set that needs no further label. */
export const END: ClosingLabels = utf8("} ");

/** For a sample of which all labels are in the closing ones, as {@link wholeLabels} has them. */
export const NOTHING: OpenLabels = new Uint8Array(0);

export function wholeLabels(labels: Labels): ClosingLabels {
  const all = pairs(labels);
  return utf8(all === "" ? " " : `{${all}} `);
}

function pairs(labels: Labels): string {
  let text = "";
  for (const name in labels) {
    const value = labels[name];
    if (value !== undefined && value !== "") text += `${text === "" ? "" : ","}${name}="${escapeLabelValue(value)}"`;
  }
  return text;
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

/** 64-bit counters that the writer can read without making a bigint of each. */
export interface Words {
  readonly values: BigUint64Array;
  /** The whole memory that `values` lies in, as 32-bit halves, and where in it `values` begins. */
  readonly halves: Uint32Array;
  readonly start: number;
}

/** Rows of counters usually share one block of memory: its halves are looked at through one array. */
let block: Uint32Array = new Uint32Array(0);

export function words(values: BigUint64Array): Words {
  if (block.buffer !== values.buffer) block = new Uint32Array(values.buffer);
  return { values, halves: block, start: values.byteOffset / 4 };
}

/** Where the less significant half of a 64-bit word lies on this machine: 0, or 1 on a big-endian one. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const TWO_32 = 4_294_967_296;
/** A high half below this keeps the whole word below 2^53, where a double is exact. */
const EXACT_HIGH = 0x20_0000;

/** Room for the longest number and a line feed; label sets and names are asked for by their length. */
const NUMBER_ROOM = 32;
const BILLION = 1_000_000_000;
const LINE_FEED = 10;
const ZERO = 48;

/** Lines of one scrape, in one growing buffer. Samples of a family follow each other; HELP and TYPE come before the first. */
export class TextWriter {
  #bytes: Uint8Array;
  #length = 0;
  #head: FamilyHead | undefined;
  #name: Uint8Array = NOTHING;

  /** `buffer`: where to write, for as long as it is large enough. */
  constructor(buffer: Uint8Array = new Uint8Array(16_384)) {
    this.#bytes = buffer;
  }

  /** Whole families that somebody else has written. */
  raw(text: string): void {
    const bytes = utf8(text);
    this.#reserve(bytes.length);
    this.#append(bytes);
  }

  /** Begins a family. One without samples leaves no trace. */
  family(head: FamilyHead): void {
    this.#head = head;
  }

  /** One 64-bit word, unsigned. */
  word(open: OpenLabels, close: ClosingLabels, from: Words, index: number): void {
    const at = from.start + 2 * index;
    const high = from.halves[at + HIGH] ?? 0;
    if (high >= EXACT_HIGH) {
      this.text(open, close, String(from.values[index]));
      return;
    }
    this.#begin(open, close);
    this.#digits(high * TWO_32 + (from.halves[at + LOW] ?? 0));
    this.#bytes[this.#length++] = LINE_FEED;
  }

  /** The low 32 bits of a word, as a 32-bit statistic shows it. */
  half(open: OpenLabels, close: ClosingLabels, from: Words, index: number): void {
    this.integer(open, close, from.halves[from.start + 2 * index + LOW] ?? 0);
  }

  /** An integer from 0 to 2^53, or 0 and 1 for a truth. */
  integer(open: OpenLabels, close: ClosingLabels, value: number | boolean): void {
    this.#begin(open, close);
    this.#digits(Number(value));
    this.#bytes[this.#length++] = LINE_FEED;
  }

  /** A number that is already text, such as "0.5" or a bigint's digits. */
  text(open: OpenLabels, close: ClosingLabels, value: string): void {
    this.#begin(open, close, value.length);
    for (let index = 0; index < value.length; index++) this.#bytes[this.#length++] = value.charCodeAt(index);
    this.#bytes[this.#length++] = LINE_FEED;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #begin(open: OpenLabels, close: ClosingLabels, valueLength = 0): void {
    if (this.#head !== undefined) this.#writeHead(this.#head);
    this.#reserve(this.#name.length + open.length + close.length + valueLength + NUMBER_ROOM);
    this.#append(this.#name);
    this.#append(open);
    this.#append(close);
  }

  #writeHead({ name, type, help }: FamilyHead): void {
    this.#head = undefined;
    this.#name = utf8(name);
    const head = utf8(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
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
