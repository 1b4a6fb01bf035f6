/** Reading a file that may be anything: nothing there, a folder, a pipe, without permission, endless. Never throws, never blocks the loop. */

import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** Bytes. Certificates and configurations have a few thousand. */
const MAX_SIZE = 1024 * 1024;

/**
 * What tells one content of a path from another, without reading it. Two contents that are written within one tick of the
 * kernel's clock (4 ms on many systems) may have the same; `writtenMs` is for whoever has to know.
 */
export interface Stamp {
  readonly text: string;
  readonly writtenMs: number;
}

export type FileContent =
  | { readonly kind: "text"; readonly text: string; readonly stamp: Stamp }
  | { readonly kind: "unreadable"; readonly why: string; readonly stamp: Stamp }
  /** It was written while it was read. */
  | { readonly kind: "changing"; readonly stamp: Stamp };

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its symbolic links lead in a circle",
};

export async function readText(path: string): Promise<FileContent> {
  const stamp = await stampOf(path);
  let file: FileHandle | undefined;
  try {
    // A pipe without a writer would keep open() for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return { kind: "unreadable", why: "not a regular file", stamp };
    const bytes = await readAll(file);
    if (bytes === undefined) return { kind: "unreadable", why: "larger than 1 MiB", stamp };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return (await stampOf(path)).text === stamp.text ? { kind: "text", text, stamp } : { kind: "changing", stamp };
  } catch (error) {
    return { kind: "unreadable", why: reason(error), stamp };
  } finally {
    await file?.close().catch(() => {}); // it was only read
  }
}

/** A path at which nothing can be seen has a stamp too. */
export async function stampOf(path: string): Promise<Stamp> {
  try {
    const { dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
    return { text: [dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs].join(), writtenMs: Number(ctimeMs) };
  } catch (error) {
    return { text: reason(error), writtenMs: 0 };
  }
}

async function readAll(file: FileHandle): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    if (size > MAX_SIZE) return undefined;
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "not UTF-8 text";
  const why = WHY[code];
  if (why !== undefined) return `${why} (${code})`;
  return code === "" ? "cannot be read" : `cannot be read (${code})`;
}
