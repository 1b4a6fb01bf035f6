/**
 * Who may write the state: one process at a time. A second one would replace what the first has saved, and the first would not know.
 * The lock is a Unix socket beside the state file, on which its holder listens: the system closes it with the process, however that
 * ends, so that a socket left behind holds nothing. Network namespaces and process numbers play no part, so that containers with one
 * volume lock each other out.
 */

import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inodeOf, listenOnUnixSocket, removeUnixSocket } from "../unix-socket/unix-socket.ts";
import { FOLDER_MODE } from "./file-system.ts";

/** Whoever gets into the folder may ask who holds the lock. */
const MODE = 0o666;
/** Milliseconds that a holder may go on, as it may just be ending. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 100;
/** Milliseconds after which two that took the lock in the same moment see who was the last. */
const CONTEST_MS = 50;
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
  readonly #path: string;
  readonly #server: Server | undefined;
  readonly #inode: bigint | undefined;

  private constructor(path: string, server?: Server) {
    this.#path = path;
    this.#server = server;
    this.#inode = server && inodeOf(path);
  }

  /**
   * Where nothing can be written, nobody is locked out, as nobody can do harm: the first save then says what is wrong.
   * @throws StateHeldError when another process has the lock and keeps it
   */
  static async take(stateFile: string, news: LockNews): Promise<StateLock> {
    const path = `${stateFile}.lock`;
    const end = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await StateLock.#try(path);
      } catch (error) {
        const code = codeOf(error);
        const isOver = performance.now() >= end;
        if (code === HELD) {
          const holder = await holderOf(path);
          if (isOver) throw new StateHeldError(stateFile, holder);
          if (attempt === 1) news.held(holder);
        } else if (code !== GONE || isOver) {
          if (!UNWRITABLE.has(code)) news.unavailable(error);
          return new StateLock(path);
        }
      }
      await sleep(PAUSE_MS);
    }
  }

  /** Lets others have it. */
  release(): void {
    if (!this.#server) return;
    removeUnixSocket(this.#path, this.#inode);
    this.#server.close();
  }

  /** @throws an error with `code`: HELD when somebody else has it */
  static async #try(path: string): Promise<StateLock> {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    } catch {
      return new StateLock(path);
    }
    const server = createServer((asking) => {
      asking.on("error", () => {}); // whoever asked has gone
      asking.end(`${process.pid}\n`, () => asking.destroy());
    });
    server.maxConnections = MOST_ASKING;
    await listenOnUnixSocket(server, path, MODE);
    server.on("error", () => {}); // somebody asks while there are no descriptors: he learns no number
    server.unref();
    const lock = new StateLock(path, server);
    await sleep(CONTEST_MS);
    if (inodeOf(path) === lock.#inode) return lock;
    server.close();
    throw Object.assign(new Error("another process took it in the same moment"), { code: HELD });
  }
}

const HELD = "EADDRINUSE";
/** Somebody else was taking it, or gave it back, in between. */
const GONE = "ENOENT";
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
