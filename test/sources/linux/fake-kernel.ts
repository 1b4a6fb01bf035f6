/** A kernel with rtnetlink that answers as a test wants, behind the few functions of libc that the source calls. */

import { ERRNO, type Libc } from "#src/os/libc.js";
import { NLMSG, RTNLGRP } from "#src/sources/linux/rtnetlink.js";
import { message, words } from "./fixtures.ts";

const SOL_NETLINK = 270;
const ADD_MEMBERSHIP = 1;
const ETHTOOL_GLINKSETTINGS = 0x4c;
const MASK_WORDS_AT = 15;
const EMFILE = 24;

/** Datagrams of whole messages, or the errno with which the kernel refuses. */
export type Answer = readonly Uint8Array[] | number;

interface Socket {
  readonly groups: Set<number>;
  /** Datagrams, or the negative errno of a receive. */
  readonly queue: (Uint8Array | number)[];
}

export class FakeKernel implements Libc {
  /** By message type. What is asked for and not here is an empty list. */
  readonly answers = new Map<number, Answer | (() => Answer)>();
  /** Types of the requests so far. */
  readonly requests: number[] = [];
  /** The same, whole. */
  readonly asked: Uint8Array[] = [];
  readonly sockets = new Map<number, Socket>();
  /** Calls that fail, with what. */
  readonly failures = new Map<"socket" | "bind" | "subscribe" | "send", number>();
  watchable = true;
  /** How many sockets there may be at once. */
  mostSockets = Number.POSITIVE_INFINITY;
  /** Speeds of links by name, in Mb/s. */
  readonly megabits = new Map<string, number>();
  readonly #pointed: Uint8Array[] = [];
  #readable = new Map<number, () => void>();
  #last = 2;

  /** Something happened: what the sockets subscribed to link events receive. */
  event(...datagrams: (Uint8Array | number)[]): void {
    this.multicast(RTNLGRP.LINK, ...datagrams);
  }

  /** What the sockets subscribed to a group receive: datagrams, or the negative errno of a receive. */
  multicast(group: number, ...datagrams: (Uint8Array | number)[]): void {
    for (const [fd, { groups, queue }] of this.sockets) {
      if (!groups.has(group)) continue;
      queue.push(...datagrams);
      this.#readable.get(fd)?.();
    }
  }

  /** The same, without anybody being told. */
  quietEvent(...datagrams: (Uint8Array | number)[]): void {
    for (const { groups, queue } of this.sockets.values()) if (groups.has(RTNLGRP.LINK)) queue.push(...datagrams);
  }

  socket(): number {
    const failure = this.failures.get("socket");
    if (failure !== undefined) return -failure;
    if (this.sockets.size >= this.mostSockets) return -EMFILE;
    this.sockets.set(++this.#last, { groups: new Set(), queue: [] });
    return this.#last;
  }

  bind(): number {
    return -(this.failures.get("bind") ?? 0);
  }

  setOption(fd: number, level: number, option: number, value: Uint8Array): number {
    if (level !== SOL_NETLINK || option !== ADD_MEMBERSHIP) return 0;
    const failure = this.failures.get("subscribe");
    if (failure !== undefined) return -failure;
    this.sockets.get(fd)?.groups.add(value[0] ?? 0);
    return 0;
  }

  /** Netlink does without the calls for datagrams of IP. */
  receiveMessage(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  sendTo(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  connect(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  getOption(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  epollCreate(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  epollControl(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  epollWait(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  wallClock(): readonly [number, number] {
    return [0, 0];
  }

  receive(fd: number, buffer: Uint8Array): number {
    const next = this.sockets.get(fd)?.queue.shift() ?? -ERRNO.EAGAIN;
    if (typeof next === "number") return next;
    buffer.set(next.subarray(0, buffer.length));
    return next.length;
  }

  send(fd: number, bytes: Uint8Array): number {
    const failure = this.failures.get("send");
    if (failure !== undefined) return -failure;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [type, sequence] = [view.getUint16(4, true), view.getUint32(8, true)];
    this.requests.push(type);
    this.asked.push(bytes.slice());
    const found = this.answers.get(type) ?? [];
    const answer = typeof found === "function" ? found() : found;
    const queue = this.sockets.get(fd)?.queue;
    if (typeof answer === "number") {
      queue?.push(message(NLMSG.ERROR, words(-answer), { sequence }));
      return bytes.length;
    }
    queue?.push(...answer.map((datagram) => numbered(datagram, sequence)));
    queue?.push(message(NLMSG.DONE, words(0), { sequence }));
    return bytes.length;
  }

  /** ETHTOOL_GLINKSETTINGS alone: the speed of the link that is named. */
  ioctl(_fd: number, _request: number, argument: Uint8Array): number {
    const name = new TextDecoder().decode(argument.subarray(0, argument.indexOf(0)));
    const speed = this.megabits.get(name);
    const data = this.#pointed[argument[16] ?? 0];
    if (speed === undefined || data?.[0] !== ETHTOOL_GLINKSETTINGS) return -ERRNO.EOPNOTSUPP;
    const view = new DataView(data.buffer, data.byteOffset);
    if (view.getInt8(MASK_WORDS_AT) <= 0)
      view.setInt8(MASK_WORDS_AT, -1); // asked with no room for masks: one word is wanted
    else view.setUint32(4, speed, true);
    return 0;
  }

  close(fd: number): number {
    this.sockets.delete(fd);
    return 0;
  }

  /** Its place in what was pointed to so far. */
  pointer(bytes: Uint8Array): Uint8Array {
    return Uint8Array.of(this.#pointed.push(bytes) - 1, 0, 0, 0, 0, 0, 0, 0);
  }

  watch(fd: number, readable: () => void): { close(): void } | undefined {
    if (!this.watchable) return undefined;
    this.#readable.set(fd, () => setImmediate(readable));
    return { close: () => this.#readable.delete(fd) };
  }
}

/** A copy of the datagram whose messages all carry that sequence number. */
function numbered(datagram: Uint8Array, sequence: number): Uint8Array {
  const copy = Uint8Array.from(datagram);
  const view = new DataView(copy.buffer);
  for (let at = 0; at + 16 <= copy.length; ) {
    view.setUint32(at + 8, sequence, true);
    at += Math.max(16, (view.getUint32(at, true) + 3) & ~3);
  }
  return copy;
}
