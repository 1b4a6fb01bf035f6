/** The state on disk: read once at the start, written whole or not at all. */

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { decodeFile, type SavedState, StateFileError } from "./saved-state.ts";

/** What the file at the start came to. */
export type Loaded =
  | { readonly kind: "state"; readonly state: SavedState }
  | { readonly kind: "none" }
  /** It could not be used. `kept` is where it is now; undefined when it could not be moved. */
  | { readonly kind: "unusable"; readonly fault: string; readonly message: string; readonly kept: string | undefined };

export class StateFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Never throws: a file that cannot be used is set aside, and the program starts without it. */
  load(now: Date): Loaded {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { kind: "none" };
      return this.#unusable("unreadable", messageOf(error), now);
    }
    try {
      return { kind: "state", state: decodeFile(text) };
    } catch (error) {
      const fault = error instanceof StateFileError ? error.fault : "damaged";
      return this.#unusable(fault, messageOf(error), now);
    }
  }

  /**
   * Writes a temporary file and renames it. A process that is killed leaves the old file or the new one; with `durable`, so
   * does a machine that loses power. @throws Error of the file system
   */
  save(text: string, durable: boolean): void {
    const temporary = `${this.path}.new`;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o750 });
    try {
      const descriptor = openSync(temporary, "w", 0o640);
      try {
        writeAll(descriptor, Buffer.from(text));
        if (durable) fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    if (durable) syncFolder(dirname(this.path));
  }

  /** `state.json.damaged-20260131T120000Z` */
  #unusable(fault: string, message: string, now: Date): Loaded {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const kept = `${this.path}.${fault}-${stamp}`;
    try {
      renameSync(this.path, kept);
      return { kind: "unusable", fault, message, kept };
    } catch {
      return { kind: "unusable", fault, message, kept: undefined };
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/** The rename itself is on disk only when the folder is. */
function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
