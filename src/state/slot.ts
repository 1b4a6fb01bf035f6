/**
 * One of the two slots of the readings file. It has readings that are later than the record that they belong to, and a copy of that
 * record's text, so that a slot is complete by itself. It begins with 64 bytes, numbers little-endian:
 *
 *     0  "IPMPSLOT"
 *     8  version of the state file (32 bits), checksum of everything from byte 16 to the end of the rows (32)
 *    16  number of this writing (64), generation of the record (64)
 *    32  bytes of rows (32), bytes of text (32), checksum of the text (32)
 *
 * Then come the rows and the text. The text is written once per record and slot; after that only what stands before it is.
 */

import { crc32 } from "node:zlib";
import { ReadingRows, rowForms, WORD_BYTES, wordsFor } from "./reading-rows.ts";
import { STATE_VERSION } from "./record.ts";
import type { SavedState } from "./saved-state.ts";

const MAGIC = Buffer.from("IPMPSLOT");
const HEADER_BYTES = 64;
/** Where each number of the header lies. */
const AT = { version: 8, sum: 12, sequence: 16, generation: 24, rows: 32, text: 36, textSum: 40 } as const;
/** What the checksum covers begins here. */
const SUMMED_FROM = AT.sequence;

/** A record that was saved, and whose readings are to be saved as often as they change. */
export interface KeptRecord {
  readonly generation: number;
  readonly text: Uint8Array;
  readonly textSum: number;
  readonly state: SavedState;
}

/** A slot in memory, for the members of one state: it serves one record after the other, as long as they have the same rows. */
export class SlotImage {
  /** Header and rows: what is written each time. */
  readonly bytes: Buffer;
  readonly #view: DataView;
  readonly #rows: ReadingRows;

  constructor(state: SavedState) {
    const forms = rowForms(state);
    const words = wordsFor(forms);
    const buffer = new ArrayBuffer(HEADER_BYTES + words * WORD_BYTES);
    this.bytes = Buffer.from(buffer);
    this.#view = new DataView(buffer);
    this.#rows = new ReadingRows(new BigUint64Array(buffer, HEADER_BYTES, words), forms, state);
    this.bytes.set(MAGIC);
    this.#view.setUint32(AT.version, STATE_VERSION, true);
    this.#view.setUint32(AT.rows, words * WORD_BYTES, true);
  }

  get rows(): Uint8Array {
    return this.bytes.subarray(HEADER_BYTES);
  }

  /** Copies the readings of now into the rows. */
  take(): void {
    this.#rows.take();
  }

  /** Whether the readings are equal; when they were taken does not matter. */
  hasReadingsOf(other: SlotImage): boolean {
    const end = HEADER_BYTES + this.#rows.comparedBytes;
    return this.bytes.subarray(HEADER_BYTES, end).equals(other.bytes.subarray(HEADER_BYTES, end));
  }

  /** Completes the header. The record is one of the members whose readings these are. */
  seal(sequence: bigint, { generation, text, textSum }: KeptRecord): void {
    this.#view.setBigUint64(AT.sequence, sequence, true);
    this.#view.setBigUint64(AT.generation, BigInt(generation), true);
    this.#view.setUint32(AT.text, text.length, true);
    this.#view.setUint32(AT.textSum, textSum, true);
    this.#view.setUint32(AT.sum, crc32(this.bytes.subarray(SUMMED_FROM)), true);
  }
}

/** What is in a slot on the disk. */
export interface Slot {
  readonly sequence: bigint;
  readonly generation: number;
  readonly textSum: number;
  readonly text: Uint8Array;
  readonly rows: Uint8Array;
}

/** Undefined when the slot is torn or was never written. */
export function decodeSlot(bytes: Uint8Array): Slot | undefined {
  if (bytes.length < HEADER_BYTES || !MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = HEADER_BYTES + view.getUint32(AT.rows, true);
  const textEnd = end + view.getUint32(AT.text, true);
  if (view.getUint32(AT.version, true) !== STATE_VERSION || textEnd > bytes.length) return undefined;
  if (crc32(bytes.subarray(SUMMED_FROM, end)) !== view.getUint32(AT.sum, true)) return undefined;
  const text = bytes.subarray(end, textEnd);
  const textSum = view.getUint32(AT.textSum, true);
  if (crc32(text) !== textSum) return undefined;
  const generation = Number(view.getBigUint64(AT.generation, true));
  return {
    sequence: view.getBigUint64(AT.sequence, true),
    generation,
    textSum,
    text,
    rows: bytes.subarray(HEADER_BYTES, end),
  };
}
