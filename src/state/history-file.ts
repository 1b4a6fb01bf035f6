/**
 * A file of history beside the state: what it would be a pity, and no harm, to lose. It is replaced as a whole, and read once, at the
 * start. Its first line has a format, a version and a checksum of the rest. Nothing is synced, and nobody waits for the disk: after a
 * loss of power there is the file before, this one, or one that its checksum gives away.
 */

import { constants, type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseObject, splitFirstLine, sumOf, wasOurs } from "./file-checks.ts";
import { FILE_MODE, FOLDER_MODE, makeFolder } from "./file-system.ts";
import { type StateFault, stateFault } from "./state-fault.ts";

const VERSION = 1;
/** Bytes. Traffic is bounded to some 6 MiB and its names, events to far less; a longer file is neither written nor read. */
export const LONGEST_FILE = 1 << 25;

export class HistoryFile {
  readonly path: string;
  readonly #format: string;
  #writing: Promise<unknown> = Promise.resolve();
  /** Another program's file is at that path, and stays there. */
  #isForeign = false;

  /** `what` is part of the file's name and format, such as "events". */
  constructor(stateFile: string, what: string) {
    this.path = `${stateFile}.${what}`;
    this.#format = `ipmp-exporter ${what}`;
  }

  /** What follows the first line; undefined when there is no file. Never rejects. */
  async load(): Promise<Uint8Array | StateFault | undefined> {
    try {
      const bytes = await readWhole(this.path);
      const found = bytes instanceof Uint8Array ? this.#check(bytes) : bytes;
      this.#isForeign = !(found instanceof Uint8Array) && found.fault === "foreign";
      return found;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      return stateFault("unreadable", error instanceof Error ? error.message : String(error));
    }
  }

  /** Writes the file anew, after any writing that is still under way. Rejects with the error of the file system. */
  save(contents: () => readonly Uint8Array[]): Promise<void> {
    const saving = this.#writing.then(() => this.#replace(contents()));
    this.#writing = saving.catch(() => undefined);
    return saving;
  }

  async #replace(contents: readonly Uint8Array[]): Promise<void> {
    if (this.#isForeign) throw new Error(`"${this.path}" is not a file of this program`);
    const header = { format: this.#format, version: VERSION, crc32: sumOf(...contents) };
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...contents]);
    if (bytes.length > LONGEST_FILE)
      throw new Error(`it would have ${bytes.length} bytes, and is read up to ${LONGEST_FILE}`);
    const temporary = `${this.path}.new`;
    makeFolder(dirname(this.path), FOLDER_MODE);
    await rm(temporary, { force: true }); // of an earlier run, perhaps as another user
    try {
      await writeFile(temporary, bytes, { mode: FILE_MODE, flag: "wx" });
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #check(bytes: Uint8Array): Uint8Array | StateFault {
    const [line, rest] = splitFirstLine(bytes);
    const header = parseObject(line);
    if (header?.["format"] !== this.#format) {
      const fault = wasOurs(bytes, `{"format":"${this.#format}"`) ? "damaged" : "foreign";
      return stateFault(fault, "its first line is not that of such a file");
    }
    const version = header["version"];
    if (version !== VERSION)
      return stateFault("newer", `it is of version ${String(version)}, and this program knows ${VERSION}`);
    return header["crc32"] === sumOf(rest) ? rest : stateFault("damaged", "its checksum does not fit its contents");
  }
}

/** @throws Error of the file system */
async function readWhole(path: string): Promise<Uint8Array | StateFault> {
  // O_NONBLOCK: a pipe is not waited for.
  const file: FileHandle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return stateFault("foreign", "it is no file");
    return stat.size > LONGEST_FILE ? stateFault("damaged", `it has ${stat.size} bytes`) : await file.readFile();
  } finally {
    await file.close();
  }
}
