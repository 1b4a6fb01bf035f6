/**
 * Reading a file that may be anything: nothing there, a folder, a pipe, without permission, endless, on a mount whose server is gone. Never
 * throws, never blocks the loop, and takes bounded time.
 */

import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Bytes. Certificates and configurations have a few thousand. */
const MAX_SIZE = 1024 * 1024;

/** Milliseconds that a file system gets to answer: disks that spin up and network mounts that fail over need a few seconds. */
const PATIENCE_MS = 10_000;

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
  | { readonly kind: "unreadable"; readonly code: string; readonly why: string; readonly stamp: Stamp }
  /** It was written while it was read. */
  | { readonly kind: "changing"; readonly stamp: Stamp };

/** What is wrong with a file though every system call may have succeeded, as an `errno` would be written. */
export const NO_ANSWER = "no answer";
export const NO_FILE = "no file";
export const TOO_LARGE = "too large";
export const NO_TEXT = "no text";

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "its symbolic links lead in a circle",
  EISDIR: "not a regular file",
  [NO_FILE]: "not a regular file",
  [TOO_LARGE]: "larger than 1 MiB",
  [NO_TEXT]: "not UTF-8 text",
  [NO_ANSWER]: "its file system does not answer",
};

/** Paths whose file system has been asked and has not answered. */
const unanswered = new Map<string, { readonly work: Promise<unknown>; overdue: boolean }>();

export async function readText(path: string): Promise<FileContent> {
  const stamp = await stampOf(path);
  const refused = (code: string): FileContent => ({ kind: "unreadable", code, why: whyOf(code), stamp });
  if (stamp.text === NO_ANSWER) return refused(NO_ANSWER);
  const read = await answered(path, () => readBytes(path));
  if (typeof read === "string") return refused(read);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(read);
    return (await stampOf(path)).text === stamp.text ? { kind: "text", text, stamp } : { kind: "changing", stamp };
  } catch {
    return refused(NO_TEXT);
  }
}

/** A path at which nothing can be seen has a stamp too. */
export async function stampOf(path: string): Promise<Stamp> {
  const seen = await answered(path, () => stat(path, { bigint: true }).catch(codeOf));
  if (typeof seen === "string") return { text: seen, writtenMs: 0 };
  const { dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs, ctimeMs } = seen;
  return { text: [dev, ino, size, mode, uid, gid, mtimeNs, ctimeNs].join(), writtenMs: Number(ctimeMs) };
}

/**
 * What the file system answers, or NO_ANSWER. Node has four threads for all that waits for files: a path that did not answer is not asked again
 * until it has, so that it holds one of them and no more.
 */
async function answered<T>(path: string, ask: () => Promise<T>): Promise<T | typeof NO_ANSWER> {
  // Of those who have waited, the first one asks again, and the others wait for that.
  for (let before = unanswered.get(path); before; before = unanswered.get(path))
    if (before.overdue || (await within(before.work)) === NO_ANSWER) return NO_ANSWER;
  const work = ask();
  const asked = { work, overdue: false };
  unanswered.set(path, asked);
  void work.finally(() => unanswered.get(path) === asked && unanswered.delete(path));
  const answer = await within(work);
  asked.overdue = answer === NO_ANSWER;
  return answer;
}

async function within<T>(work: Promise<T>): Promise<T | typeof NO_ANSWER> {
  const limit = new AbortController();
  const noAnswer = (): typeof NO_ANSWER => NO_ANSWER;
  const late = sleep(PATIENCE_MS, undefined, { signal: limit.signal }).then(noAnswer, noAnswer);
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
  }
}

/** The code of what is wrong when there are no bytes to be had. */
async function readBytes(path: string): Promise<Buffer | string> {
  let file: FileHandle | undefined;
  try {
    // A pipe without a writer would keep open() for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) return stats.isDirectory() ? "EISDIR" : NO_FILE;
    return (await readAll(file)) ?? TOO_LARGE;
  } catch (error) {
    return codeOf(error);
  } finally {
    await file?.close().catch(() => {}); // it was only read
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

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function whyOf(code: string): string {
  const why = WHY[code];
  if (why === undefined) return code === "" ? "cannot be read" : `cannot be read (${code})`;
  return code.startsWith("E") && code !== "EISDIR" ? `${why} (${code})` : why;
}
