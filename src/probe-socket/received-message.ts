/** recvmsg(2) with buffers of its own: a datagram, who it is from, and the control messages that came with it (cmsg(3)). */

import type { Libc } from "../os/libc.ts";
import { SOL_SOCKET } from "../os/socket.ts";
import { parseSocketAddress, SOCKET_ADDRESS_MAX } from "./socket-address.ts";

/** A probe is 24 bytes, and an ICMP error quotes at most 576. */
const DATA_BYTES = 1_024;
const CONTROL_BYTES = 256;

/** recvmsg reads the error queue of the socket, and not what was sent to it (ip(7), IP_RECVERR). */
export const MSG_ERRQUEUE = 0x2000;

/** SO_TIMESTAMPNS: the option, and the control message that it causes: a struct timespec of the wall clock. */
const TIMESTAMPNS = 35;

/** Where the data of a control message begins and ends among the control bytes. */
interface Control {
  readonly start: number;
  readonly end: number;
}

export class ReceivedMessage {
  readonly #libc: Libc;
  readonly #data = new Uint8Array(new ArrayBuffer(DATA_BYTES));
  readonly #name = new Uint8Array(new ArrayBuffer(SOCKET_ADDRESS_MAX));
  /** The bytes of the control messages. */
  readonly control = new Uint8Array(new ArrayBuffer(CONTROL_BYTES));
  /** struct msghdr: name, its length, iovec, their number, control, its length, flags; each in a word of its own. */
  readonly #header: Uint8Array;
  readonly #iovec: Uint8Array;
  /** Bytes of a pointer, a size and a long. */
  readonly #word: 4 | 8;
  #size = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#word = libc.pointer(this.#data).length === 8 ? 8 : 4;
    this.#iovec = new Uint8Array(new ArrayBuffer(2 * this.#word));
    this.#iovec.set(libc.pointer(this.#data));
    this.#setWord(this.#iovec, 1, DATA_BYTES);
    this.#header = new Uint8Array(new ArrayBuffer(7 * this.#word));
    this.#header.set(libc.pointer(this.#name), 0);
    this.#header.set(libc.pointer(this.#iovec), 2 * this.#word);
    this.#setWord(this.#header, 3, 1);
    this.#header.set(libc.pointer(this.control), 4 * this.#word);
  }

  /** The size of the datagram, or a negative errno. */
  receive(fd: number, flags: number): number {
    this.#setWord(this.#header, 1, SOCKET_ADDRESS_MAX); // the kernel writes what it used
    this.#setWord(this.#header, 5, CONTROL_BYTES);
    const size = this.#libc.receiveMessage(fd, this.#header, flags);
    this.#size = Math.max(0, size);
    return size;
  }

  get data(): Uint8Array {
    return this.#data.subarray(0, this.#size);
  }

  /** Who sent it; for an entry of the error queue, to whom it was sent. */
  get peer(): ReturnType<typeof parseSocketAddress> {
    return parseSocketAddress(this.#name);
  }

  /** Nanoseconds since the kernel received it; 0 when it does not say, or the wall clock has been set back. */
  get age(): number {
    const stamp = this.find(SOL_SOCKET, TIMESTAMPNS);
    if (stamp === undefined || stamp.end - stamp.start < 2 * this.#word) return 0;
    const words = this.control.slice(stamp.start, stamp.start + 2 * this.#word).buffer;
    const [seconds = 0, nanoseconds = 0] = this.#word === 8 ? new BigInt64Array(words) : new Int32Array(words);
    const age = this.#libc.wallClock() - (BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
    return Math.max(0, Number(age));
  }

  /** The first control message of that kind. */
  find(level: number, type: number): Control | undefined {
    const total = Math.min(this.#getWord(this.#header, 5), CONTROL_BYTES);
    const head = this.#word + 8; // struct cmsghdr: length, level, type
    for (let at = 0; total - at >= head; ) {
      const length = this.#getWord(this.control, at / this.#word);
      if (length < head || length > total - at) return undefined;
      const [foundLevel, foundType] = new Int32Array(this.control.slice(at + this.#word, at + head).buffer);
      if (foundLevel === level && foundType === type) return { start: at + head, end: at + length };
      at += Math.ceil(length / this.#word) * this.#word;
    }
    return undefined;
  }

  #setWord(bytes: Uint8Array, index: number, value: number): void {
    if (this.#word === 8) new BigUint64Array(bytes.buffer)[index] = BigInt(value);
    else new Uint32Array(bytes.buffer)[index] = value;
  }

  #getWord(bytes: Uint8Array, index: number): number {
    return Number((this.#word === 8 ? new BigUint64Array(bytes.buffer) : new Uint32Array(bytes.buffer))[index] ?? 0);
  }
}

/** setsockopt(2) value that asks for receive times, with level and option. */
export const ASK_FOR_TIMES = [SOL_SOCKET, TIMESTAMPNS] as const;
