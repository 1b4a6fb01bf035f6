/** A cpio archive in the "newc" format, as the kernel unpacks its first file system from (Documentation/driver-api/early-userspace/buffer-format.rst). */

import { closeSync, openSync, writeSync } from "node:fs";

/** File types of inode(7). */
const TYPE = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

const END_OF_ARCHIVE = "TRAILER!!!";

export class CpioArchive {
  readonly #fd: number;
  readonly #names = new Set<string>();
  #inode = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "w");
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Names are relative to the root of the file system. The folders above an entry are made with it. */
  folder(name: string): void {
    this.#entry(name, TYPE.folder | 0o755, Buffer.alloc(0));
  }

  file(name: string, content: Uint8Array, executable: boolean): void {
    this.#entry(name, TYPE.file | (executable ? 0o755 : 0o644), content);
  }

  link(name: string, target: string): void {
    this.#entry(name, TYPE.link | 0o777, Buffer.from(target));
  }

  close(): void {
    this.#write(END_OF_ARCHIVE, 0, Buffer.alloc(0));
    closeSync(this.#fd);
  }

  #entry(name: string, mode: number, content: Uint8Array): void {
    if (this.#names.has(name)) return;
    const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (parent !== "") this.folder(parent);
    this.#names.add(name);
    this.#write(name, mode, content);
  }

  /** A header of 110 characters, the name, the content; the last two padded to a multiple of four. */
  #write(name: string, mode: number, content: Uint8Array): void {
    const nameBytes = Buffer.from(`${name}\0`);
    const [uid, gid, links, mtime, devices, checksum] = [0, 0, 1, 0, [0, 0, 0, 0], 0] as const;
    const fields = [
      ++this.#inode,
      mode,
      uid,
      gid,
      links,
      mtime,
      content.length,
      ...devices,
      nameBytes.length,
      checksum,
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
    writeSync(this.#fd, Buffer.concat([Buffer.from(header), nameBytes, padding(header.length + nameBytes.length)]));
    writeSync(this.#fd, content);
    writeSync(this.#fd, padding(content.length));
  }
}

function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3);
}
