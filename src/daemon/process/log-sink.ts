/**
 * Where the lines of the log go: standard error, which may be a full disk, a pipe whose reader has stopped or gone, or a terminal on
 * hold. Writing never waits and never fails. Lines wait in a bounded queue; those that find no room in it, or that the system
 * refuses, are lost and counted.
 */

import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import { Socket } from "node:net";

/** Characters that may wait: some thousand lines. */
const ROOM = 1 << 20;
/** Characters that are written at once. */
const BATCH = 1 << 16;
/** How long whoever has not read is left alone. */
const RETRY_MS = 100;

const NEWLINE = 0x0a;

export class LogSink {
  readonly #fd: number;
  readonly #queue: string[] = [];
  #waiting = 0;
  /** What is left of the lines that are being written. */
  #batch: Buffer = Buffer.alloc(0);
  #writing = false;
  #retry: NodeJS.Timeout | undefined;
  /** The last byte that was written ended no line. */
  #torn = false;
  /** The batch begins with the newline of a line that was torn and given up. */
  #mends = false;
  #dropped = 0;
  #told = 0;
  #idle: (() => void)[] = [];
  /** Told how many lines were lost, when one could be written again. */
  onRecovery: (lost: number) => void = () => {};

  constructor(fd: number) {
    this.#fd = withoutWaiting(fd);
  }

  /** Lines that were lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a line, with its newline. */
  write(line: string): void {
    if (this.#waiting + line.length > ROOM) {
      this.#dropped++;
      return;
    }
    this.#queue.push(line);
    this.#waiting += line.length;
    this.#pump();
  }

  /** Resolves when everything is written or lost, or after `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    if (!this.#busy) return;
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, limitMs);
      this.#idle.push(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }

  /** For an end that cannot wait: what waits is written as far as it is taken at once. */
  flushNow(): void {
    const rest = this.#writing ? this.#nextBatch() : Buffer.concat([this.#batch, this.#nextBatch()]);
    try {
      for (let batch = rest; batch.length > 0; batch = this.#nextBatch()) {
        while (batch.length > 0) batch = batch.subarray(writeSync(this.#fd, batch));
      }
    } catch {
      // Nobody is left who could be told.
    }
  }

  get #busy(): boolean {
    return this.#writing || this.#retry !== undefined;
  }

  #pump(): void {
    if (this.#busy) return;
    if (this.#batch.length === 0) this.#begin();
    if (this.#batch.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    this.#writing = true;
    write(this.#fd, this.#batch, (error, written) => {
      this.#writing = false;
      if (error === null) this.#taken(written);
      else if (error.code === "EAGAIN") this.#tryLater();
      else this.#drop();
      this.#pump();
    });
  }

  #begin(): void {
    const lines = this.#nextBatch();
    this.#mends = this.#torn && lines.length > 0;
    this.#batch = this.#mends ? Buffer.concat([Buffer.of(NEWLINE), lines]) : lines;
  }

  #nextBatch(): Buffer {
    let length = 0;
    let lines = 0;
    for (const line of this.#queue) {
      if (lines > 0 && length + line.length > BATCH) break;
      length += line.length;
      lines++;
    }
    this.#waiting -= length;
    return Buffer.from(this.#queue.splice(0, lines).join(""));
  }

  #taken(written: number): void {
    if (written > 0) {
      this.#torn = this.#batch[written - 1] !== NEWLINE;
      this.#mends = false;
    }
    this.#batch = this.#batch.subarray(written);
    const lost = this.#dropped - this.#told;
    if (lost === 0 || this.#torn) return;
    this.#told = this.#dropped;
    this.onRecovery(lost);
  }

  #tryLater(): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, RETRY_MS).unref();
  }

  /** The rest of a line of which a part was written is lost, too. */
  #drop(): void {
    const ends = this.#batch.reduce((lines, byte) => lines + Number(byte === NEWLINE), 0);
    this.#dropped += this.#mends ? ends - 1 : ends;
    this.#batch = Buffer.alloc(0);
  }
}

/**
 * A descriptor of the same file that answers EAGAIN where it would wait. Files are written by a thread of their own anyway. The others are
 * opened a second time, because the flag would else hold for every process that has the descriptor too; where that cannot be
 * (sockets, the pipe of another user), it is set on the one that there is, as Node does for its process.stderr.
 */
function withoutWaiting(fd: number): number {
  const stats = fstatSync(fd);
  if (stats.isFile() || stats.isBlockDevice()) return fd;
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    if (!stats.isSocket()) return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // As below.
  }
  try {
    new Socket({ fd, readable: false, writable: false }).unref(); // libuv's uv_pipe_open sets O_NONBLOCK
  } catch {
    // A terminal of another user: the thread that writes waits for it, and nothing else does.
  }
  return fd;
}
