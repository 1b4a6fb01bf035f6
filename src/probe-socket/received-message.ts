/** recvmsg(2) with buffers of its own: a datagram, who it is from, and the control messages that came with it (cmsg(3)). */

import type { Libc } from "../os/libc.ts";
import { SOL_SOCKET } from "../os/socket.ts";
import { type WordSize, wordsOf } from "../os/words.ts";
import { SOCKET_ADDRESS_MAX } from "./socket-address.ts";

/** A probe is 24 bytes, and an ICMP error quotes at most 576. */
const DATA_BYTES = 1_024;
const CONTROL_BYTES = 256;

/** recvmsg reads the error queue of the socket, and not what was sent to it (ip(7), IP_RECVERR). */
export const MSG_ERRQUEUE = 0x2000;

/** SO_TIMESTAMPNS: the option, and the control message that it causes: a struct timespec of the wall clock. */
const TIMESTAMPNS = 35;

const NANOSECONDS_PER_SECOND = 1e9;

/** Where the data of a control message begins and ends among the control bytes. */
interface Control {
  readonly start: number;
  readonly end: number;
}

export class ReceivedMessage {
  readonly #libc: Libc;
  /** Of what was received, the first `size` bytes. */
  readonly data = new DataView(new ArrayBuffer(DATA_BYTES));
  /** A sockaddr: who sent it; for an entry of the error queue, to whom it was sent. */
  readonly name = new Uint8Array(new ArrayBuffer(SOCKET_ADDRESS_MAX));
  /** The bytes of the control messages. */
  readonly control = new Uint8Array(new ArrayBuffer(CONTROL_BYTES));
  readonly #controlHalves = new Int32Array(this.control.buffer);
  readonly #controlWord: (index: number) => number;
  /** struct msghdr: name, its length, iovec, their number, control, its length, flags; each in a word of its own. */
  readonly #header: Uint8Array<ArrayBuffer>;
  readonly #headerWord: (index: number) => number;
  /** The header as it is before a call: the kernel writes the lengths that it used. */
  readonly #blank: Uint8Array;
  readonly #iovec: Uint8Array;
  readonly #word: WordSize;
  #size = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    const data = libc.pointer(new Uint8Array(this.data.buffer));
    this.#word = data.length === 8 ? 8 : 4;
    const length = (bytes: number): Uint8Array =>
      new Uint8Array((this.#word === 8 ? BigUint64Array.of(BigInt(bytes)) : Uint32Array.of(bytes)).buffer);
    this.#iovec = joined(data, length(DATA_BYTES));
    this.#blank = joined(
      ...[libc.pointer(this.name), length(SOCKET_ADDRESS_MAX)],
      ...[libc.pointer(this.#iovec), length(1)],
      ...[libc.pointer(this.control), length(CONTROL_BYTES)],
      length(0),
    );
    this.#header = joined(this.#blank);
    this.#headerWord = wordsOf(this.#header.buffer, this.#word);
    this.#controlWord = wordsOf(this.control.buffer, this.#word);
  }

  /** The size of the datagram, or a negative errno. */
  receive(fd: number, flags: number): number {
    this.#header.set(this.#blank);
    const size = this.#libc.receiveMessage(fd, this.#header, flags);
    this.#size = Math.max(0, size);
    return size;
  }

  get size(): number {
    return this.#size;
  }

  /** Nanoseconds since the kernel received it; 0 when it does not say, or the wall clock has been set back. */
  get age(): number {
    const stamp = this.find(SOL_SOCKET, TIMESTAMPNS);
    if (stamp === undefined || stamp.end - stamp.start < 2 * this.#word) return 0;
    const at = stamp.start / this.#word;
    const [seconds, nanoseconds] = this.#libc.wallClock();
    const age = (seconds - this.#controlWord(at)) * NANOSECONDS_PER_SECOND + nanoseconds - this.#controlWord(at + 1);
    return Math.max(0, age);
  }

  /** The first control message of that kind. */
  find(level: number, type: number): Control | undefined {
    const total = Math.min(this.#headerWord(5), CONTROL_BYTES);
    const head = this.#word + 8; // struct cmsghdr: length, level, type
    for (let at = 0; total - at >= head; ) {
      const length = this.#controlWord(at / this.#word);
      if (length < head || length > total - at) return undefined;
      const half = (at + this.#word) / 4;
      if (this.#controlHalves[half] === level && this.#controlHalves[half + 1] === type)
        return { start: at + head, end: at + length };
      at += Math.ceil(length / this.#word) * this.#word;
    }
    return undefined;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(parts.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** setsockopt(2) value that asks for receive times, with level and option. */
export const ASK_FOR_TIMES = [SOL_SOCKET, TIMESTAMPNS] as const;
