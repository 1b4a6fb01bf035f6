/**
 * Members' readings between two records: a file of two slots that stays open. Each reading is written in place, by one call, into the
 * slot that was not written last. A process killed in that call leaves the other slot whole, which has everything that was shown to
 * anybody. Nothing is synced: the system keeps written data when only the process dies; when the machine does, counters begin anew.
 */

import { type FileSystem, tryRemove, writeAll } from "./file-system.ts";
import { haveSameRows } from "./reading-rows.ts";
import type { SavedState } from "./saved-state.ts";
import { decodeSlot, type KeptRecord, type Slot, SlotImage } from "./slot.ts";

/** A slot has this size, or twice that, and so on: the first that fits. So most changes of membership need no other file. */
const LEAST_SLOT_BYTES = 4096;

interface OpenFile {
  readonly descriptor: number;
  /** Undefined while it is being made. */
  readonly identity: string | undefined;
  readonly slotBytes: number;
}

export class ReadingsFile {
  readonly #path: string;
  readonly #files: FileSystem;
  #record: KeptRecord | undefined;
  /** The slots of the file in memory, of which each is made when it is first needed, and anew when members have come or gone. */
  #images: [SlotImage?, SlotImage?] = [];
  /** Which slots have the record's text. */
  readonly #hasText = [false, false];
  /** The slot that is written next; of a new file the first. */
  #next: 0 | 1 = 0;
  /** The number of the last writing. */
  #sequence = 0n;
  #file: OpenFile | undefined;

  constructor(path: string, files: FileSystem) {
    this.#path = path;
    this.#files = files;
  }

  /** A slot with the readings of now of that state's members. It changes nothing of what {@link keep} does. */
  imageOf(state: SavedState): SlotImage {
    const isAsBefore = this.#record && haveSameRows(this.#record.state, state);
    const image = isAsBefore ? this.#imageOfNext(state) : new SlotImage(state);
    image.take();
    return image;
  }

  /** From now on the readings of another record are kept. `image` is what {@link imageOf} gave for its state. */
  follow(record: KeptRecord, image: SlotImage): void {
    this.#record = record;
    if (image !== this.#images[this.#next]) this.#images = [];
    this.#images[this.#next] = image;
    this.#hasText.fill(false);
  }

  /** Writes the readings of now, unless the slot written last has the same. @throws Error of the file system */
  keep(): void {
    if (!this.#record) return;
    const { state, text } = this.#record;
    const file = this.#fileFor(this.#imageOfNext(state).bytes.length + text.length);
    const turn = this.#next; // of a new file the first, whichever it was before
    const last = turn === 0 ? 1 : 0;
    const image = this.#imageOfNext(state);
    image.take();
    const written = this.#hasText[last] ? this.#images[last] : undefined;
    if (written && image.hasReadingsOf(written)) return;
    image.seal(++this.#sequence, this.#record);
    try {
      if (!file) this.#create([image.bytes, text]);
      else {
        const parts = this.#hasText[turn] ? [image.bytes] : [image.bytes, text];
        writeAll(this.#files, file.descriptor, parts, turn * file.slotBytes);
      }
    } catch (error) {
      this.close();
      throw error;
    }
    this.#hasText[turn] = true;
    this.#next = last;
  }

  /** The next readings go into a new file. */
  close(): void {
    if (!this.#file) return;
    const { descriptor } = this.#file;
    this.#file = undefined;
    this.#next = 0;
    this.#hasText.fill(false);
    try {
      this.#files.close(descriptor);
    } catch {
      // An error of a file that is not used any more.
    }
  }

  /** That of the slot that is written next; `state` is that of the record. */
  #imageOfNext(state: SavedState): SlotImage {
    const image = this.#images[this.#next] ?? new SlotImage(state);
    this.#images[this.#next] = image;
    return image;
  }

  /**
   * The open file, if its slots have room for so many bytes; otherwise it is closed. So it is when it is not what the next start would find under
   * its name: somebody has removed, moved, replaced or emptied it, or mounted another file system over it.
   */
  #fileFor(bytes: number): OpenFile | undefined {
    const file = this.#file;
    if (file && file.slotBytes >= bytes && this.#isInPlace(file)) return file;
    this.close();
    return undefined;
  }

  #isInPlace({ identity, slotBytes }: OpenFile): boolean {
    try {
      const found = this.#files.stat(this.#path);
      return found.identity === identity && found.size === 2 * slotBytes;
    } catch {
      return false; // What is wrong is met again when another is made.
    }
  }

  /** Makes a file of two slots, of which the first has these parts, and puts it in the place of the one before. */
  #create(slot: readonly Uint8Array[]): void {
    const used = slot.reduce((sum, { length }) => sum + length, 0);
    let slotBytes = LEAST_SLOT_BYTES;
    while (slotBytes < used) slotBytes *= 2;
    const temporary = `${this.#path}.new`;
    this.#files.remove(temporary);
    const descriptor = this.#files.open(temporary, "new");
    this.#file = { descriptor, slotBytes, identity: undefined };
    try {
      this.#file = { descriptor, slotBytes, identity: this.#files.identity(descriptor) };
      writeAll(this.#files, descriptor, [...slot, Buffer.alloc(2 * slotBytes - used)], 0);
      this.#files.rename(temporary, this.#path);
    } catch (error) {
      tryRemove(this.#files, temporary);
      throw error;
    }
  }
}

/** The slots of such a file that are whole, the newest first. */
export function decodeSlots(file: Uint8Array): Slot[] {
  const middle = file.length >> 1;
  const slots = [file.subarray(0, middle), file.subarray(middle)].flatMap((bytes) => decodeSlot(bytes) ?? []);
  return slots.sort((a, b) => b.generation - a.generation || (a.sequence < b.sequence ? 1 : -1));
}
