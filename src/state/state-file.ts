/**
 * The state on disk, in three files. `state.json` is the record of what happened: it is replaced as a whole when something happens.
 * `state.json.previous` is the record before it. `state.json.readings` has later readings of members. They are read once, at the
 * start; any one of the three is enough to go on with.
 */

import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { codeOf, type FileStat, type FileSystem, nodeFileSystem, tryRemove, writeAll } from "./file-system.ts";
import { decodeSlots, ReadingsFile } from "./readings-file.ts";
import { decodeRecord, decodeText, encodeRecord, readingsIn, type StateRecord, TextWriter } from "./record.ts";
import type { SavedState } from "./saved-state.ts";
import type { Slot } from "./slot.ts";
import { type FaultName, type StateFault, stateFault } from "./state-fault.ts";
import { withReadings } from "./written-state.ts";

/** What was found at the start. `from` is the file that the state is of: another than the record when that is not there. */
export type Loaded =
  | { readonly kind: "state"; readonly state: SavedState; readonly from: string }
  | { readonly kind: "none" }
  | Unusable;

/** There is a record, and it cannot be used. */
export interface Unusable {
  readonly kind: "unusable";
  readonly fault: FaultName;
  readonly message: string;
  /** Where it has been moved to; undefined when it is where it was. */
  readonly kept: string | undefined;
  /** The newest state in the other files, and which of them has it; undefined when there is none. */
  readonly recovered: { readonly state: SavedState; readonly from: string } | undefined;
}

/** Files set aside, newest first, that are kept: enough to ask somebody about, and no more if the disk is bad for weeks. */
const KEPT_ASIDE = 5;

/** What {@link StateFile.load} appends to the name of a file that it sets aside. */
const ASIDE = /^\.(?:damaged|newer|unreadable)-(\d{8}T\d{6}Z)$/;

/** Twenty times what ten thousand members take. Of a longer file no more is read, so that it is found damaged or foreign. */
const LONGEST_FILE_BYTES = 1 << 27;
/** A longer record is not written. The file of readings has two copies of it, each in a slot that may be twice as long. */
export const LONGEST_RECORD_BYTES = LONGEST_FILE_BYTES / 4;

export class StateFile {
  readonly path: string;
  readonly #files: FileSystem;
  readonly #writer = new TextWriter();
  readonly #readings: ReadingsFile;
  /** Why nothing may be written at that path. */
  #forbidden: string | undefined;
  #generation = 0;
  /** The text of the record that this process saved last. */
  #text: Uint8Array | undefined;
  /** The file that was last read or written at that path, if it is a record that can be used, and so is worth to be kept as the previous one. */
  #record: string | undefined;

  constructor(path: string, files = nodeFileSystem) {
    this.path = path;
    this.#files = files;
    this.#readings = new ReadingsFile(this.#readingsPath, files);
  }

  /** Never throws: a record that cannot be used is set aside, and the program starts with what the other files have. */
  load(now: Date): Loaded {
    const found = this.#read(this.path);
    if (found.kind === "none") {
      const recovered = this.#recover();
      return recovered ? { kind: "state", ...recovered } : found;
    }
    if (found.kind === "fault") return this.#unusable(found, now);
    this.#record = found.identity;
    this.#generation = found.generation;
    return { kind: "state", state: this.#withLaterReadings(found), from: this.path };
  }

  /**
   * Saves what happened as a new record, unless nothing has since the last one. The bytes are on the disk before the new record takes
   * the last one's place, which is kept beside it where that can be. Answers whether a record was saved. Until there is a new record,
   * {@link keepReadings} goes on with the last one's. @throws Error of the file system
   */
  save(state: SavedState): boolean {
    if (this.#forbidden !== undefined) throw new Error(this.#forbidden);
    const text = this.#writer.write(state);
    if (this.#text && Buffer.compare(this.#text, text) === 0 && this.isInPlace) return false;
    const record = { generation: this.#generation + 1, text, textSum: crc32(text), state };
    const image = this.#readings.imageOf(state);
    const parts = encodeRecord(record.generation, text, image.rows);
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    if (bytes > LONGEST_RECORD_BYTES)
      throw new Error(`it would have ${bytes} bytes, and is read up to ${LONGEST_RECORD_BYTES}`);
    this.#replace(parts);
    this.#generation = record.generation;
    this.#readings.follow(record, image);
    this.#text = undefined; // when the next call fails, another record is to be saved even if nothing has happened
    this.#syncFolder();
    this.#text = text;
    return true;
  }

  /** Saves the readings of the last record's members, if one of them has changed. @throws Error of the file system */
  keepReadings(): void {
    this.#readings.keep();
  }

  /** Whether the record is still there: somebody may have taken the folder away, or put another file into its place. */
  get isInPlace(): boolean {
    return this.#record !== undefined && this.#stat()?.identity === this.#record;
  }

  close(): void {
    this.#readings.close();
  }

  /** A record with the readings of its newest slot, or with its own when it has no slot. */
  #withLaterReadings({ generation, textSum, text, state }: StateRecord): SavedState {
    const later = this.#slots().find((slot) => slot.generation === generation && slot.textSum === textSum);
    const readings = later && readingsIn(later.rows, text);
    return readings ? withReadings(text, readings) : state;
  }

  /**
   * The newest state in the other files. The record that was lost may have counted one more start of the SNMP engine, so that is counted
   * here too: managers take a number that comes again for a replay.
   */
  #recover(): Unusable["recovered"] {
    const slots = this.#slots().flatMap((slot) => {
      const state = stateOf(slot);
      return state ? [{ generation: slot.generation, state, from: this.#readingsPath }] : [];
    });
    const previous = this.#read(this.#previous);
    const copies = previous.kind === "record" ? [...slots, { ...previous, from: this.#previous }] : slots;
    const [newest] = copies.sort((a, b) => b.generation - a.generation); // of one generation the slots come first
    if (!newest) return undefined;
    this.#generation = newest.generation + 1;
    const { snmp } = newest.state;
    const state = { ...newest.state, snmp: snmp && { ...snmp, engineBoots: snmp.engineBoots + 1 } };
    return { state, from: newest.from };
  }

  #slots(): Slot[] {
    const path = this.#readingsPath;
    try {
      return this.#files.stat(path).kind === "file" ? decodeSlots(this.#files.read(path, LONGEST_FILE_BYTES)) : [];
    } catch {
      return []; // The record is enough.
    }
  }

  #read(path: string): (StateRecord & Pick<FileStat, "identity">) | StateFault | { readonly kind: "none" } {
    try {
      const { kind, identity } = this.#files.stat(path);
      if (kind !== "file")
        return stateFault("foreign", `it is a ${kind === "folder" ? kind : "device, a pipe or a socket"}`);
      const record = decodeRecord(this.#files.read(path, LONGEST_FILE_BYTES));
      return record.kind === "record" ? { ...record, identity } : record;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { kind: "none" };
      return stateFault("unreadable", error instanceof Error ? error.message : String(error));
    }
  }

  #unusable({ fault, message }: StateFault, now: Date): Loaded {
    if (fault === "foreign") {
      // It was meant for something else: it is neither moved nor replaced.
      this.#forbidden = `"${this.path}" is not a state file of this program: ${message}`;
      return { kind: "unusable", fault, message: this.#forbidden, kept: undefined, recovered: undefined };
    }
    // The files beside a newer version's record are newer too, or older than the upgrade.
    const recovered = fault === "newer" ? undefined : this.#recover();
    return { kind: "unusable", fault, message, kept: this.#setAside(fault, now), recovered };
  }

  /** Moves the record to a name like `state.json.damaged-20260131T120000Z`; undefined when that cannot be done. */
  #setAside(fault: FaultName, now: Date): string | undefined {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const kept = `${this.path}.${fault}-${stamp}`;
    try {
      this.#files.rename(this.path, kept);
    } catch {
      return undefined;
    }
    this.#dropOldest(kept);
    return kept;
  }

  /** The one just set aside stays, whatever the clock says. */
  #dropOldest(kept: string): void {
    const folder = dirname(this.path);
    const name = basename(this.path);
    const stampOf = (file: string) => (file.startsWith(name) ? ASIDE.exec(file.slice(name.length))?.[1] : undefined);
    try {
      const aside = this.#files.list(folder).flatMap((file) => {
        const stamp = stampOf(file);
        return stamp === undefined || file === basename(kept) ? [] : [{ file, stamp }];
      });
      aside.sort((a, b) => (a.stamp < b.stamp ? 1 : -1));
      for (const { file } of aside.slice(KEPT_ASIDE - 1)) tryRemove(this.#files, join(folder, file));
    } catch {
      // A folder that may be written and not listed: then they stay.
    }
  }

  /** A process that is killed meanwhile leaves the last record or the new one, and so does a machine that loses power. */
  #replace(parts: readonly Uint8Array[]): void {
    const files = this.#files;
    const temporary = `${this.path}.new`;
    files.makeFolder(dirname(this.path));
    files.remove(temporary); // of an earlier run, perhaps as another user
    let identity: string;
    try {
      const descriptor = files.open(temporary, "new");
      try {
        writeAll(files, descriptor, parts, 0);
        files.sync(descriptor);
        identity = files.identity(descriptor);
      } finally {
        files.close(descriptor);
      }
      this.#keepPrevious();
      files.rename(temporary, this.path);
    } catch (error) {
      tryRemove(files, temporary);
      throw error;
    }
    this.#record = identity;
  }

  /** Between this and the next rename there is no record: {@link load} then takes the newest of the other files. */
  #keepPrevious(): void {
    const found = this.#stat();
    if (found && found.kind !== "file") throw new Error(`"${this.path}" is no file any more`);
    if (this.#record === undefined || found?.identity !== this.#record) return;
    try {
      this.#files.rename(this.path, this.#previous);
    } catch {
      // A folder of that name, perhaps. The new record is worth more than the one before it.
    }
  }

  /** The renames themselves are on disk only when the folder is. */
  #syncFolder(): void {
    const descriptor = this.#files.open(dirname(this.path), "folder");
    try {
      this.#files.sync(descriptor);
    } finally {
      this.#files.close(descriptor);
    }
  }

  get #readingsPath(): string {
    return `${this.path}.readings`;
  }

  get #previous(): string {
    return `${this.path}.previous`;
  }

  /** What stands at the path; undefined: nothing. */
  #stat(): FileStat | undefined {
    try {
      return this.#files.stat(this.path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}

function stateOf(slot: Slot): SavedState | undefined {
  const text = decodeText(slot.text);
  const readings = text.kind === "written" ? readingsIn(slot.rows, text) : undefined;
  return text.kind === "written" && readings ? withReadings(text, readings) : undefined;
}
