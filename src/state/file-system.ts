/**
 * The calls of the file system that the state needs, one system call each (but for reading a whole file), so that a simulation
 * can stop the program between any two of them.
 */

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writevSync,
} from "node:fs";
import { dirname } from "node:path";

/** "special" is a device, a pipe or a socket. */
export type FileKind = "file" | "folder" | "special";

export interface FileStat {
  readonly kind: FileKind;
  /** Tells a file from any other, whatever its names are. */
  readonly identity: string;
  /** Bytes. */
  readonly size: number;
}

/** Each throws the Error of its system call, with its `code`. */
export interface FileSystem {
  /** What stands under a name. Symbolic links are followed. */
  stat(path: string): FileStat;
  /** A file from its beginning, and no more than `most` bytes of it. */
  read(path: string, most: number): Uint8Array;
  /** With all folders above it; nothing when it is there. */
  makeFolder(path: string): void;
  list(folder: string): readonly string[];
  /** Empty and open for writing, or a folder to be synced. */
  open(path: string, what: "new" | "folder"): number;
  /** Writes the parts at that offset, one after the other. How many of the bytes were taken: it may be fewer than all. */
  write(descriptor: number, parts: readonly Uint8Array[], offset: number): number;
  /** As `identity` of {@link stat}, of an open file. */
  identity(descriptor: number): string;
  sync(descriptor: number): void;
  close(descriptor: number): void;
  rename(from: string, to: string): void;
  /** A file; nothing when it is not there. */
  remove(path: string): void;
}

/** Read by its group, so that backups and support can have it; written by nobody else. */
export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;

export const nodeFileSystem: FileSystem = {
  stat(path) {
    const stat = statSync(path, { bigint: true });
    const kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "special";
    return { kind, identity: identityOf(stat), size: Number(stat.size) };
  },
  read: readAtMost,
  makeFolder: (path) => makeFolder(path, FOLDER_MODE),
  list: (folder) => readdirSync(folder),
  open: (path, what) => (what === "new" ? openSync(path, "wx", FILE_MODE) : openSync(path, "r")),
  write: (descriptor, parts, offset) => writevSync(descriptor, parts, offset),
  identity: (descriptor) => identityOf(fstatSync(descriptor, { bigint: true })),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};

/**
 * Makes a folder with all above it; nothing when it is there. Node's own way (`recursive`) goes on for ever where mkdir(2) says ENOENT although
 * the folder above is there, as below /proc.
 * @throws the error of mkdir(2)
 */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (isFolder(path)) return;
    const above = dirname(path);
    if (codeOf(error) !== "ENOENT" || isFolder(above)) throw error;
    makeFolder(above, mode);
    makeFolder(path, mode); // somebody else may have made it meanwhile
  }
}

/** The name that the system has for an error, such as ENOENT; empty for what is no error of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // not there, or not to be looked at
  }
}

function identityOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}

/** Writes all of the parts from that offset on, by as many calls as that takes. @throws Error of the file system, or where it takes nothing and does not say why */
export function writeAll(files: FileSystem, descriptor: number, parts: readonly Uint8Array[], offset: number): void {
  let at = offset;
  for (let left = parts; left.length > 0; ) {
    const taken = files.write(descriptor, left, at);
    if (taken === 0) throw new Error(`the file system takes nothing of ${sizeOf(left)} octets that are left to write`);
    at += taken;
    left = withoutFirst(left, taken);
  }
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** The parts without so many bytes of their beginning; none when nothing is left. */
function withoutFirst(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return parts.flatMap((part) => {
    const skippedHere = Math.min(skipped, part.length);
    skipped -= skippedHere;
    return skippedHere === part.length ? [] : [part.subarray(skippedHere)];
  });
}

/** Removes a file. One that cannot be removed (a folder has its name, or its folder must not be written) stays. */
export function tryRemove(files: FileSystem, path: string): void {
  try {
    files.remove(path);
  } catch {
    // Whoever needs the name meets the same error there.
  }
}

const CHUNK_BYTES = 64 * 1024;

/** Size is not asked for: some files of the kernel have none and never end. O_NONBLOCK: nor is a pipe waited for. */
function readAtMost(path: string, most: number): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Uint8Array[] = [];
    for (let left = most; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(left, CHUNK_BYTES));
      const taken = readSync(descriptor, chunk);
      if (taken === 0) break;
      chunks.push(chunk.subarray(0, taken));
      left -= taken;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}
