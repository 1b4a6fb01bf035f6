/** The state on disk: read once at the start, written whole or not at all. */

import { basename, dirname, join } from "node:path";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { decodeFile, type SavedState, StateFileError } from "./saved-state.ts";

/** What the file at the start came to. */
export type Loaded =
  | { readonly kind: "state"; readonly state: SavedState }
  | { readonly kind: "none" }
  /** It could not be used. `kept` is where it is now; undefined when it could not be moved. */
  | { readonly kind: "unusable"; readonly fault: string; readonly message: string; readonly kept: string | undefined };

/** Files set aside, newest first, that are kept: enough to ask somebody about, and no more if the disk is bad for weeks. */
const KEPT_ASIDE = 5;

/** What {@link StateFile.load} appends to the name of a file that it sets aside. */
const ASIDE = /^\.(?:damaged|foreign|newer|unreadable)-(\d{8}T\d{6}Z)$/;

export class StateFile {
  readonly path: string;
  readonly #files: FileSystem;
  /** Why nothing may be written at that path. */
  #forbidden: string | undefined;

  constructor(path: string, files = nodeFileSystem) {
    this.path = path;
    this.#files = files;
  }

  /** Never throws: a file that cannot be used is set aside, and the program starts without it. */
  load(now: Date): Loaded {
    let bytes: Uint8Array;
    try {
      if (this.#files.kind(this.path) === "special") return this.#forbid();
      bytes = this.#files.read(this.path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { kind: "none" };
      return this.#unusable("unreadable", messageOf(error), now);
    }
    try {
      return { kind: "state", state: decodeFile(bytes) };
    } catch (error) {
      const fault = error instanceof StateFileError ? error.fault : "damaged";
      return this.#unusable(fault, messageOf(error), now);
    }
  }

  /**
   * Writes a temporary file and renames it. A process that is killed leaves the old file or the new one; with `durable`, so
   * does a machine that loses power. @throws Error of the file system
   */
  save(bytes: Uint8Array, durable: boolean): void {
    if (this.#forbidden !== undefined) throw new Error(this.#forbidden);
    const files = this.#files;
    const temporary = `${this.path}.new`;
    files.makeFolder(dirname(this.path));
    files.remove(temporary); // of an earlier run, perhaps as another user
    try {
      const descriptor = files.open(temporary, "new");
      try {
        for (let at = 0; at < bytes.length; ) at += files.write(descriptor, bytes.subarray(at));
        if (durable) files.sync(descriptor);
      } finally {
        files.close(descriptor);
      }
      files.rename(temporary, this.path);
    } catch (error) {
      this.#tryRemove(temporary);
      throw error;
    }
    if (durable) this.#syncFolder();
  }

  /** A device or a pipe was meant for something else: it is neither moved nor replaced. */
  #forbid(): Loaded {
    const message = `"${this.path}" is a device, a pipe or a socket; a state file is a regular file, or "none"`;
    this.#forbidden = message;
    return { kind: "unusable", fault: "foreign", message, kept: undefined };
  }

  /** `state.json.damaged-20260131T120000Z` */
  #unusable(fault: string, message: string, now: Date): Loaded {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const kept = `${this.path}.${fault}-${stamp}`;
    try {
      this.#files.rename(this.path, kept);
    } catch {
      return { kind: "unusable", fault, message, kept: undefined };
    }
    this.#dropOldest(kept);
    return { kind: "unusable", fault, message, kept };
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
      for (const { file } of aside.slice(KEPT_ASIDE - 1)) this.#tryRemove(join(folder, file));
    } catch {
      // A folder that may be written and not listed: then they stay.
    }
  }

  /** The rename itself is on disk only when the folder is. */
  #syncFolder(): void {
    const descriptor = this.#files.open(dirname(this.path), "folder");
    try {
      this.#files.sync(descriptor);
    } finally {
      this.#files.close(descriptor);
    }
  }

  #tryRemove(path: string): void {
    try {
      this.#files.remove(path);
    } catch {
      // A folder of that name, or one that must not be written: there is nothing more to do.
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
