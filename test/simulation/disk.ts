/**
 * A file system in memory with one system call at a time: any of them may be the last that the process makes, and the machine
 * may lose power with some of what was written still in its memory.
 */

import { dirname } from "node:path";
import type { FileStat, FileSystem } from "#src/state/file-system.js";
import type { Random } from "./random.ts";

interface Inode {
  readonly identity: string;
  bytes: Uint8Array;
  /** What is on the platter. */
  synced: Uint8Array | undefined;
}

interface Open {
  readonly path: string;
  /** Undefined: a folder. */
  readonly inode: Inode | undefined;
}

/** Thrown by every system call of a process that has been killed. */
export class Killed extends Error {}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

export class Disk implements FileSystem {
  readonly #folders = new Set<string>(["/"]);
  #entries = new Map<string, Inode>();
  /** Entries as on the platter. */
  #syncedEntries = new Map<string, Inode>();
  readonly #open = new Map<number, Open>();
  #nextDescriptor = 3;
  #inodes = 0;
  /** Calls until the process is killed, and bytes that it may write until then. */
  #fuse: number | undefined;
  #byteFuse: number | undefined;
  /** Called when a file has other contents or another name than before. */
  changed: () => void = () => {};
  isFull = false;
  isReadOnly = false;
  isDead = false;
  calls = 0;

  /** Kills the process at its `calls`-th system call from now. */
  armed(calls: number): void {
    this.#fuse = calls;
  }

  /** Kills the process when it has written so many bytes from now, be it in the middle of a call. */
  armedInWriting(bytes: number): void {
    this.#byteFuse = bytes;
  }

  /** Another process. */
  restart(): void {
    this.#fuse = undefined;
    this.#byteFuse = undefined;
    this.isDead = false;
    this.#open.clear();
  }

  /** What was not synced may be there, in part, or not; so may the last changes of names. */
  losePower(random: Random): void {
    for (const inode of new Set([...this.#entries.values(), ...this.#syncedEntries.values()])) {
      if (inode.synced === inode.bytes) continue;
      const kept = random.chance(30) ? inode.bytes.length : random.below(inode.bytes.length + 1);
      inode.bytes = inode.synced !== undefined && random.chance(50) ? inode.synced : inode.bytes.slice(0, kept);
      inode.synced = inode.bytes;
    }
    if (random.chance(50)) this.#entries = new Map(this.#syncedEntries);
    this.#syncedEntries = new Map(this.#entries);
  }

  /** For the test: what is in a file, and putting something else there. */
  peek(path: string): Uint8Array | undefined {
    return this.#entries.get(path)?.bytes;
  }

  poke(path: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.#entries.delete(path);
    else this.#entries.set(path, { identity: `inode ${++this.#inodes}`, bytes, synced: bytes });
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** rm -r */
  removeFolder(path: string): void {
    this.#folders.delete(path);
    for (const name of this.#entries.keys()) if (name.startsWith(`${path}/`)) this.#entries.delete(name);
  }

  stat(path: string): FileStat {
    this.#call();
    if (this.#folders.has(path)) return { kind: "folder", identity: path, size: 0 };
    const inode = this.#inode(path);
    return { kind: "file", identity: inode.identity, size: inode.bytes.length };
  }

  read(path: string, most: number): Uint8Array {
    this.#call();
    return new Uint8Array(this.#inode(path).bytes.subarray(0, most));
  }

  makeFolder(path: string): void {
    this.#call();
    if (this.#folders.has(path)) return;
    this.#checkWritable(path);
    this.#folders.add(path);
  }

  list(folder: string): string[] {
    this.#call();
    return this.names().flatMap((name) => (dirname(name) === folder ? [name.slice(folder.length + 1)] : []));
  }

  open(path: string, what: "new" | "folder"): number {
    this.#call();
    let inode: Inode | undefined;
    if (what === "new") {
      if (!this.#folders.has(dirname(path))) throw failure("ENOENT", path);
      if (this.#entries.has(path)) throw failure("EEXIST", path);
      this.#checkWritable(path);
      inode = { identity: `inode ${++this.#inodes}`, bytes: new Uint8Array(0), synced: undefined };
      this.#entries.set(path, inode);
    } else if (!this.#folders.has(path)) throw failure("ENOENT", path);
    this.#open.set(this.#nextDescriptor, { path, inode });
    return this.#nextDescriptor++;
  }

  write(descriptor: number, parts: readonly Uint8Array[], offset: number): number {
    const bytes = Buffer.concat(parts);
    if (this.isDead) throw new Killed();
    const { inode, path } = this.#opened(descriptor);
    if (!inode) throw failure("EISDIR", path);
    if (this.isReadOnly) throw failure("EROFS", path);
    const grows = offset + bytes.length > inode.bytes.length;
    if (this.#byteFuse !== undefined && this.#byteFuse <= bytes.length) {
      this.#put(inode, bytes.subarray(0, this.#byteFuse), offset);
      this.isDead = true;
      throw new Killed();
    }
    // The last call of a killed process may have written a part; others may write a part for reasons of their own.
    const isPart = (this.isFull && grows) || this.#fuse !== undefined;
    const taken = isPart && bytes.length > 1 ? bytes.subarray(0, bytes.length >> 1) : bytes;
    this.#put(inode, taken, offset);
    this.#call();
    if (this.isFull && grows) throw failure("ENOSPC", path);
    if (this.#byteFuse !== undefined) this.#byteFuse -= taken.length;
    return taken.length;
  }

  identity(descriptor: number): string {
    this.#call();
    const { inode, path } = this.#opened(descriptor);
    return inode?.identity ?? path;
  }

  sync(descriptor: number): void {
    this.#call();
    const { inode } = this.#opened(descriptor);
    if (inode) inode.synced = inode.bytes;
    else this.#syncedEntries = new Map(this.#entries);
  }

  close(descriptor: number): void {
    this.#call();
    this.#opened(descriptor);
    this.#open.delete(descriptor);
  }

  rename(from: string, to: string): void {
    this.#call();
    const inode = this.#inode(from);
    this.#checkWritable(to);
    this.#entries.delete(from);
    this.#entries.set(to, inode);
    this.changed();
  }

  remove(path: string): void {
    this.#call();
    if (!this.#entries.has(path)) return;
    this.#checkWritable(path);
    this.#entries.delete(path);
  }

  /** What is on it now, for another process to read. */
  copy(): Disk {
    const copy = new Disk();
    for (const folder of this.#folders) copy.#folders.add(folder);
    for (const [path, { bytes }] of this.#entries) copy.poke(path, bytes);
    return copy;
  }

  /** Descriptors that are open. */
  get leaked(): number {
    return this.#open.size;
  }

  #put(inode: Inode, bytes: Uint8Array, offset: number): void {
    const whole = new Uint8Array(Math.max(inode.bytes.length, offset + bytes.length));
    whole.set(inode.bytes);
    whole.set(bytes, offset);
    inode.bytes = whole;
    this.changed();
  }

  #call(): void {
    if (this.isDead) throw new Killed();
    this.calls++;
    if (this.#fuse === undefined || --this.#fuse > 0) return;
    this.isDead = true;
    throw new Killed();
  }

  #checkWritable(path: string): void {
    if (this.isReadOnly) throw failure("EROFS", path);
  }

  #inode(path: string): Inode {
    const inode = this.#entries.get(path);
    if (!inode) throw failure("ENOENT", path);
    return inode;
  }

  #opened(descriptor: number): Open {
    const open = this.#open.get(descriptor);
    if (!open) throw failure("EBADF", String(descriptor));
    return open;
  }
}
