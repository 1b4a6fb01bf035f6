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
import { FOLDER_MODE, makeFolder } from "./file-system.ts";

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
  readonly #server: Server | undefined;

  private constructor(server?: Server) {
    this.#server = server;
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
    } catch {
      return new StateLock();
    }
    for (let isTold = false; ; isTold = true) {
      try {
        const server = await attempt(path);
        if (server) return new StateLock(server);
      } catch (error) {
        const code = codeOf(error);
        if (code !== GONE) {
          if (!UNWRITABLE.has(code)) news.unavailable(error);
          return new StateLock();
        }
      }
      const holder = await holderOf(path);
      if (performance.now() >= end) throw new StateHeldError(stateFile, holder);
      if (!isTold) news.held(holder);
      await sleep(PAUSE_MS);
    }
  }

  /** Lets others have it. The socket's file goes with it. */
  release(): void {
    this.#server?.close();
  }
}

/** Undefined while somebody else has it, or is taking it. @throws an error of the system */
async function attempt(path: string): Promise<Server | undefined> {
  if (!isUnixPath(path)) throw new Error(`"${path}" is too long for a socket`);
  const server = await listen(path);
  if (server) return server;
  const found = lookAt(path);
  if (!found) return undefined;
  if (!found.isSocket()) throw new Error(`"${path}" is no socket`);
  if ((await someoneAnswers(path)) || isBeingMade(found)) return undefined;
  return removeLeftBehind(path, found) ? listen(path) : undefined;
}

/** Undefined where there is something already. */
async function listen(path: string): Promise<Server | undefined> {
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
  return server.unref();
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
  const aside = `${path}.${process.pid}`;
  if (!isSame(lookAt(path), dead)) return false;
  renameSync(path, aside);
  const isDead = isSame(lookAt(aside), dead);
  if (isDead) unlinkSync(aside);
  else renameSync(aside, path);
  return isDead;
}

/** The number of a file is given to another one when it is gone, at another time. */
function isSame(found: BigIntStats | undefined, { dev, ino, mtimeNs }: BigIntStats): boolean {
  return found?.dev === dev && found.ino === ino && found.mtimeNs === mtimeNs;
}

/** Somebody else has just removed what was there. */
const GONE = "ENOENT";
/** Who may not write there can do no harm. */
const UNWRITABLE: ReadonlySet<string> = new Set(["EACCES", "EROFS"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

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
