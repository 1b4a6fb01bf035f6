/**
 * The record of what happened, as a file: a line with format, version and checksum; a line with the version again (the first line is
 * in no checksum) and the record's number; the state as written-state.ts has it; an empty line; and the members' readings of that
 * moment. A record is complete by itself: readings-file.ts only has later readings.
 */

import { crc32 } from "node:zlib";
import { parseObject, sumOf, wasOurs } from "./file-checks.ts";
import { decodeRows, rowForms } from "./reading-rows.ts";
import type { SavedGroup, SavedReading, SavedState } from "./saved-state.ts";
import { type StateFault, stateFault } from "./state-fault.ts";
import { decodeVersion1 } from "./version-1.ts";
import { checkWritten, type WrittenState, withReadings, writeGroup, writeWhole } from "./written-state.ts";

export const STATE_VERSION = 2;

export interface StateRecord {
  readonly kind: "record";
  /** Which record it is: one more with each that is saved. */
  readonly generation: number;
  /** Checksum of its text, by which later readings know their record. */
  readonly textSum: number;
  readonly text: WrittenState;
  readonly state: SavedState;
}

const FORMAT = "ipmp-exporter state";
const HEADER_START = `{"format":"${FORMAT}","version":`;
/** Bytes, with room for what a later version may add. */
const LONGEST_HEADER = 1_000;
const NEWLINE = 0x0a;

/**
 * A reader for each version that can be read: it gets what follows the first line, after the checksum was found right. A version that
 * is no longer written keeps its row, so that the first start of a newer program takes its state over.
 */
const READERS: ReadonlyMap<number, (rest: Buffer) => StateRecord | StateFault> = new Map([
  [1, decodeVersion1],
  [2, decodeVersion2],
]);

/** Makes the text of states. A group that is the same object as before is not encoded again. */
export class TextWriter {
  readonly #lines = new WeakMap<SavedGroup, Uint8Array>();

  /** The lines of a state, without its readings. */
  write(state: SavedState): Uint8Array {
    return Buffer.concat([Buffer.from(`${writeWhole(state)}\n`), ...state.groups.map((group) => this.#line(group))]);
  }

  #line(group: SavedGroup): Uint8Array {
    const known = this.#lines.get(group);
    if (known) return known;
    const line = Buffer.from(`${writeGroup(group)}\n`);
    this.#lines.set(group, line);
    return line;
  }
}

/** The whole file, in parts. */
export function encodeRecord(generation: number, text: Uint8Array, rows: Uint8Array): Uint8Array[] {
  const parts = [
    Buffer.from(`${JSON.stringify({ version: STATE_VERSION, generation })}\n`),
    text,
    Buffer.from("\n"),
    rows,
  ];
  const header = { format: FORMAT, version: STATE_VERSION, crc32: hex(sumOf(...parts)) };
  return [Buffer.from(`${JSON.stringify(header)}\n`), ...parts];
}

export function decodeRecord(bytes: Uint8Array): StateRecord | StateFault {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const newline = file.indexOf(NEWLINE);
  const end = newline < 0 ? Math.min(file.length, LONGEST_HEADER) : newline;
  const header = parseObject(file.toString("utf8", 0, end));
  const version = header?.["version"];
  if (header?.["format"] !== FORMAT || typeof version !== "number") {
    if (file.length === 0) return stateFault("damaged", "it is empty");
    return stateFault(
      wasOurs(file, HEADER_START) ? "damaged" : "foreign",
      "its first line is not that of a state file",
    );
  }
  const rest = file.subarray(end + 1);
  const isWhole = header["crc32"] === hex(sumOf(rest));
  if (version > STATE_VERSION && !(isWhole && isKnownVersion(rest))) {
    return stateFault("newer", `it is of version ${version}, and this program knows up to ${STATE_VERSION}`);
  }
  const read = READERS.get(version);
  if (!isWhole || !read) return stateFault("damaged", "its checksum does not fit its contents");
  return read(rest);
}

/** The second line of a later version says so too; one that does not is of a file whose first line was changed. */
function isKnownVersion(rest: Buffer): boolean {
  const version = parseObject(rest.toString("utf8", 0, rest.indexOf(NEWLINE)))?.["version"];
  return typeof version !== "number" || version <= STATE_VERSION;
}

function decodeVersion2(rest: Buffer): StateRecord | StateFault {
  const start = rest.indexOf(NEWLINE) + 1;
  const end = rest.indexOf("\n\n") + 1;
  const generation = parseObject(rest.toString("utf8", 0, start))?.["generation"];
  if (typeof generation !== "number" || !Number.isSafeInteger(generation) || end < start) {
    return stateFault("damaged", "the number of the record or the end of its text is missing");
  }
  const written = rest.subarray(start, end);
  const text = decodeText(written);
  if (text.kind === "fault") return text;
  const readings = readingsIn(rest.subarray(end + 1), text);
  if (!readings) return stateFault("damaged", "its readings are not those of its members");
  const state = withReadings(text, readings);
  return { kind: "record", generation, textSum: crc32(written), text, state };
}

/** The reverse of {@link TextWriter}. */
export function decodeText(bytes: Uint8Array): WrittenState | StateFault {
  const [whole, ...groups] = Buffer.from(bytes).toString("utf8").trimEnd().split("\n").map(parseObject);
  return checkWritten(whole, groups);
}

export function readingsIn(rows: Uint8Array, { whole, groups }: WrittenState): SavedReading[] | undefined {
  return decodeRows(rows, rowForms({ sources: whole.sources, groups }));
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, "0");
}
