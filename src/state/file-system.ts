/**
 * The calls of the file system that the state needs, one system call each, so that a simulation can stop the program
 * between any two of them.
 */

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";

/** What stands under a name; "special" is a device, a pipe or a socket. Symbolic links are followed. */
export type FileKind = "file" | "folder" | "special";

/** Each throws the Error of its system call, with its `code`. */
export interface FileSystem {
  kind(path: string): FileKind;
  read(path: string): Uint8Array;
  /** With all folders above it; nothing when it is there. */
  makeFolder(path: string): void;
  list(folder: string): readonly string[];
  /** Empty and open for writing, or a folder to be synced. */
  open(path: string, what: "new" | "folder"): number;
  /** How many of the bytes were taken: it may be fewer than all. */
  write(descriptor: number, bytes: Uint8Array): number;
  sync(descriptor: number): void;
  close(descriptor: number): void;
  rename(from: string, to: string): void;
  /** A file; nothing when it is not there. */
  remove(path: string): void;
}

/** Read by its group, so that backups and support can have it; written by nobody else. */
const FILE_MODE = 0o640;
const FOLDER_MODE = 0o750;

export const nodeFileSystem: FileSystem = {
  kind(path) {
    const stat = statSync(path);
    return stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "special";
  },
  read: (path) => readFileSync(path),
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: FOLDER_MODE }),
  list: (folder) => readdirSync(folder),
  open: (path, what) => (what === "new" ? openSync(path, "wx", FILE_MODE) : openSync(path, "r")),
  write: (descriptor, bytes) => writeSync(descriptor, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};
