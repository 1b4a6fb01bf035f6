/** A disk in memory: files by path, so that a story can stop the program and start it again on what it had saved. */

import type { FileStat, FileSystem } from "#src/state/file-system.js";

export class MemoryFiles implements FileSystem {
  readonly files = new Map<string, Uint8Array>();
  /** Whether the disk takes anything. */
  full = false;
  readonly #open = new Map<number, string>();
  readonly #identities = new Map<string, string>();
  #descriptors = 0;

  stat(path: string): FileStat {
    return { kind: "file", identity: this.#identities.get(path) ?? "", size: this.read(path).length };
  }

  read(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw Object.assign(new Error(`ENOENT: no such file, ${path}`), { code: "ENOENT" });
    return bytes;
  }

  makeFolder(): void {}

  list(folder: string): readonly string[] {
    return [...this.files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
  }

  open(path: string, what: "new" | "folder"): number {
    if (what === "new") this.files.set(path, new Uint8Array());
    this.#descriptors += 1;
    this.#open.set(this.#descriptors, path);
    if (what === "new") this.#identities.set(path, String(this.#descriptors));
    return this.#descriptors;
  }

  write(descriptor: number, parts: readonly Uint8Array[], offset: number): number {
    const bytes = Buffer.concat(parts);
    const path = this.#open.get(descriptor) ?? "";
    const before = this.files.get(path) ?? new Uint8Array();
    const end = offset + bytes.length;
    if (this.full && end > before.length)
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const after = new Uint8Array(Math.max(before.length, end));
    after.set(before);
    after.set(bytes, offset);
    this.files.set(path, after);
    return bytes.length;
  }

  identity(descriptor: number): string {
    return this.#identities.get(this.#open.get(descriptor) ?? "") ?? "";
  }

  sync(): void {}

  close(descriptor: number): void {
    this.#open.delete(descriptor);
  }

  rename(from: string, to: string): void {
    this.files.set(to, this.read(from));
    this.files.delete(from);
    this.#identities.set(to, this.#identities.get(from) ?? "");
    for (const [descriptor, path] of this.#open) if (path === from) this.#open.set(descriptor, to);
  }

  remove(path: string): void {
    this.files.delete(path);
  }
}
