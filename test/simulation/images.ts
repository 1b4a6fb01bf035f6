/**
 * What the files of the state hold, and what was true when each of it was written: the record, the one before it, and the two
 * slots of readings. Says which of them a program that starts now has to go on with.
 */

import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { decodeSlots } from "#src/state/readings-file.js";
import { decodeRecord, encodeRecord, TextWriter } from "#src/state/record.js";
import { SlotImage } from "#src/state/slot.js";
import type { Disk } from "./disk.ts";
import type { Published } from "./invariants.ts";
import type { Saved } from "./truth.ts";

/** One that is whole, and what stands behind it. */
export interface Image {
  saved: Saved;
  /** What had been published by then, or since without anything new. */
  published: Published;
  /** Boot and namespace. */
  readonly place: string;
}

interface Whole {
  readonly generation: number;
  /** 0 for a record: readings in a slot are later. */
  readonly sequence: bigint;
  readonly textSum: number;
  /** Its contents, in short. */
  readonly key: string;
}

/** What a start has to come to, and with what. */
export interface Expected {
  readonly kind: "state" | "none" | "unusable";
  readonly image: Image | undefined;
}

export class Images {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #known = new Map<string, Image>();
  /** Images of records, by what their slots know them by. */
  readonly #ofRecords = new Map<string, Image>();
  /** By contents: a file that was not written is not read again. */
  readonly #decoded = new WeakMap<Uint8Array, readonly Whole[]>();

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** After the disk has changed: whatever is whole and was not there before has just been written. */
  look(now: (recordOfSlot: Image | undefined) => Image): void {
    for (const { key, sequence, generation, textSum } of [...this.#records(), ...this.#slots()]) {
      if (this.#known.has(key)) continue;
      const record = `${generation} ${textSum}`;
      const image = now(sequence > 0n ? this.#ofRecords.get(record) : undefined);
      this.#known.set(key, image);
      if (sequence === 0n) this.#ofRecords.set(record, image);
    }
  }

  expected(): Expected {
    const [record] = this.#records(this.#path);
    const slots = this.#slots();
    if (record) {
      const later = slots.find(({ generation, textSum }) => {
        return generation === record.generation && textSum === record.textSum;
      });
      return { kind: "state", image: this.#known.get((later ?? record).key) };
    }
    const bytes = this.#disk.peek(this.#path);
    const found = bytes && decodeRecord(bytes);
    if (found?.kind === "fault" && found.fault === "newer") return { kind: "unusable", image: undefined };
    const [newest] = [...slots, ...this.#records(`${this.#path}.previous`)].sort((a, b) => b.generation - a.generation);
    const image = newest && this.#known.get(newest.key);
    return { kind: bytes ? "unusable" : image ? "state" : "none", image };
  }

  #records(...paths: readonly string[]): Whole[] {
    const places = paths.length === 0 ? [this.#path, `${this.#path}.previous`] : paths;
    return places.flatMap((path) => this.#decode(path, recordIn));
  }

  #slots(): readonly Whole[] {
    return this.#decode(`${this.#path}.readings`, slotsIn);
  }

  #decode(path: string, decode: (bytes: Uint8Array) => Whole[]): readonly Whole[] {
    const bytes = this.#disk.peek(path);
    if (!bytes) return [];
    const decoded = this.#decoded.get(bytes) ?? decode(bytes);
    this.#decoded.set(bytes, decoded);
    return decoded;
  }
}

function recordIn(bytes: Uint8Array): Whole[] {
  const decoded = decodeRecord(bytes);
  if (decoded.kind !== "record") return [];
  const { generation, textSum, state } = decoded;
  const text = new TextWriter().write(state);
  const image = new SlotImage(state);
  image.take();
  const again = encodeRecord(generation, text, image.rows);
  assert.deepEqual(Buffer.concat(again), Buffer.from(bytes), "a record that is read and written again is the same");
  return [{ generation, sequence: 0n, textSum, key: `record ${generation} ${crc32(bytes)}` }];
}

function slotsIn(bytes: Uint8Array): Whole[] {
  return decodeSlots(bytes).map(({ generation, sequence, textSum, rows }) => {
    return { generation, sequence, textSum, key: `slot ${generation} ${sequence} ${textSum} ${crc32(rows)}` };
  });
}
