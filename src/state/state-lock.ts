/**
 * Who may write the state: one process at a time. A second one would replace what the first has saved, and the first would not know.
 * The lock is a Unix socket beside the state file, on which its holder listens: the system closes it with the process, however that
 * ends, so that a socket left behind holds nothing. Network namespaces and process numbers play no part, so that containers with one
 * volume lock each other out.
 */

import { once } from "node:events";
import { type BigIntStats, lstatSync, renameSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isUnixPath } from "../net-address/unix-path.ts";
import { someoneAnswers } from "../unix-socket/unix-socket.ts";
import { codeOf, FOLDER_MODE, makeFolder } from "./file-system.ts";

/** Milliseconds that a holder may go on, as it may just be ending. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 100;
/** Milliseconds that a socket may be there before anybody listens on it. */
const MAKING_MS = 1_000;
const ANSWER_MS = 1_000;
/** Connections of those who ask. */
const MOST_ASKING = 8;

/** Another process writes this state. */
export class StateHeldError extends Error {
  override readonly name = "StateHeldError";

  constructor(path: string, holder: number | undefined) {
    super(
      `Cannot use the state file "${path}": ${nameOf(holder)} keeps its state there; stop that one, or give this one a state.file of its own`,
    );
  }
}

function nameOf(holder: number | undefined): string {
  return holder === undefined ? "another process" : `process ${holder}`;
}

/** Told, once each, while the lock is being taken. */
export interface LockNews {
  /** It is waited for, some moments. `holder` is a process number, as its own namespace has it. */
  held(holder: number | undefined): void;
  /** This file system has no sockets, or the path is too long for one: nobody is locked out. */
  unavailable(error: unknown): void;
}

export class StateLock {
  #held: Held | undefined;

  private constructor(held?: Held) {
    this.#held = held;
  }

  /**
   * Where nothing can be written, nobody is locked out, as nobody can do harm: the first save then says what is wrong.
   * @throws StateHeldError when another process has the lock and keeps it
   */
  static async take(stateFile: string, news: LockNews): Promise<StateLock> {
    const path = `${stateFile}.lock`;
    const end = performance.now() + PATIENCE_MS;
    try {
      makeFolder(dirname(path), FOLDER_MODE);
    } catch (error) {
      if (!NO_FOLDER.has(codeOf(error))) news.unavailable(error);
      return new StateLock();
    }
    for (let isTold = false; ; isTold = true) {
      // Asking who has it may take long, and it may be given back meanwhile: one attempt is made after the end.
      const isLast = performance.now() >= end;
      try {
        const held = await attempt(path);
        if (held) return new StateLock(held);
      } catch (error) {
        const code = codeOf(error);
        if (code !== GONE) {
          if (!UNWRITABLE.has(code)) news.unavailable(error);
          return new StateLock();
        }
      }
      const holder = await holderOf(path);
      if (isLast) throw new StateHeldError(stateFile, holder);
      if (!isTold) news.held(holder);
      await sleep(PAUSE_MS);
    }
  }

  /** Lets others have it. The socket's file goes with it, where it still has its name. */
  release(): void {
    if (this.#held) close(this.#held);
    this.#held = undefined;
  }
}

interface Held {
  readonly server: Server;
  readonly path: string;
  /** Undefined where somebody has taken the file away at once. */
  readonly file: BigIntStats | undefined;
}

/** Undefined while somebody else has it, or is taking it. @throws an error of the system */
async function attempt(path: string): Promise<Held | undefined> {
  if (!isUnixPath(path)) throw new Error(`"${path}" is too long for a socket`);
  const held = await listen(path);
  if (held) return held;
  const found = lookAt(path);
  if (!found) return undefined;
  if (!found.isSocket()) throw new Error(`"${path}" is no socket`);
  if ((await someoneAnswers(path)) || isBeingMade(found)) return undefined;
  return removeLeftBehind(path, found) ? listen(path) : undefined;
}

/** Undefined where there is something already. */
async function listen(path: string): Promise<Held | undefined> {
  const server = createServer((asking) => {
    asking.on("error", () => {}); // whoever asked has gone
    asking.end(`${process.pid}\n`, () => asking.destroy());
  });
  server.maxConnections = MOST_ASKING;
  try {
    server.listen({ path, readableAll: true, writableAll: true });
    await once(server, "listening");
  } catch (error) {
    if (codeOf(error) === "EADDRINUSE") return undefined;
    throw error;
  }
  server.on("error", () => {}); // somebody asks while there are no descriptors: he learns no number
  return { server: server.unref(), path, file: lookAt(path) };
}

/**
 * Ends the listening, with which Node removes whatever file has the name of the socket. Where the folder of this lock was moved away and
 * somebody else has the lock of the old place, that one's file has another name until Node is done.
 */
function close({ server, path, file }: Held): void {
  if (isSameFile(lookAt(path), file)) {
    server.close();
    return;
  }
  const aside = asideOf(path);
  const isMoved = tryRename(path, aside);
  server.close();
  if (isMoved) tryRename(aside, path);
}

/** Whether there was such a file, and it could be renamed. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function lookAt(path: string): BigIntStats | undefined {
  return lstatSync(path, { throwIfNoEntry: false, bigint: true });
}

/** Between bind(2) and listen(2) nobody answers. */
function isBeingMade({ mtimeMs }: BigIntStats): boolean {
  return Math.abs(Date.now() - Number(mtimeMs)) < MAKING_MS;
}

/**
 * Removes the socket on which nobody listens. Several may find the same one at once, and the first puts its own in the place: whoever then moves
 * that one away puts it back. Answers whether the place is free.
 */
function removeLeftBehind(path: string, dead: BigIntStats): boolean {
  const aside = asideOf(path);
  if (!isSame(lookAt(path), dead)) return false;
  renameSync(path, aside);
  const isDead = isSame(lookAt(aside), dead);
  if (isDead) unlinkSync(aside);
  else renameSync(aside, path);
  return isDead;
}

/** A name beside the lock, which its file has for a moment. */
function asideOf(path: string): string {
  return `${path}.${process.pid}`;
}

/** The number of a file is given to another one when it is gone, at another time. */
function isSame(found: BigIntStats | undefined, former: BigIntStats): boolean {
  return isSameFile(found, former) && found?.mtimeNs === former.mtimeNs;
}

/** Of files that have not been removed. */
function isSameFile(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return one?.dev === other?.dev && one?.ino === other?.ino;
}

/** Somebody else has just removed what was there. */
const GONE = "ENOENT";
/** Who may not write there can do no harm. */
const UNWRITABLE: ReadonlySet<string> = new Set(["EACCES", "EROFS"]);
/** Nor can anybody write where there can be no folder: there is another kind of file, or a file system such as /proc. */
const NO_FOLDER: ReadonlySet<string> = new Set([...UNWRITABLE, "EEXIST", "ENOENT", "ENOTDIR"]);

/** The number of the process that has the lock; undefined when it does not say, as one that has been stopped. */
async function holderOf(path: string): Promise<number | undefined> {
  const socket = connect(path);
  let told = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  await once(socket, "close").catch(() => undefined);
  return /^\d+\n$/.test(told) ? Number(told) : undefined;
}
