/** A netlink socket, of rtnetlink unless said otherwise: opening, subscribing, asking and receiving (netlink(7)). Never blocks. */

import { ERRNO, errorName, type Libc, type Watch } from "../../os/libc.ts";
import { AF, SOCK, SOL_SOCKET } from "../../os/socket.ts";
import { SourceError } from "../source.ts";
import { eachMessage, emptyFrame, type Frame, type Message } from "./netlink-wire.ts";
import { NETLINK_GENERIC, NETLINK_ROUTE, NLM_F, NLMSG } from "./rtnetlink.ts";

const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_GET_STRICT_CHK = 12;

/**
 * The kernel puts messages of a dump together in datagrams of at most 32 KiB; with less room it would make smaller ones, and more
 * of them. A single message may be larger: that of a link with hundreds of alternative names.
 */
const FRAME_SIZE = 32 * 1024;

/** An interrupted or cut dump lacks messages. It is repeated this often. */
const DUMP_ATTEMPTS = 4;

/** Protocols by their numbers (linux/netlink.h). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  [NETLINK_ROUTE]: "NETLINK_ROUTE",
  [NETLINK_GENERIC]: "NETLINK_GENERIC",
};

/** What the kernel answered to a request, as a (positive) errno. */
export class NetlinkError extends Error {
  override readonly name = "NetlinkError";
  readonly errno: number;

  constructor(request: string, errno: number) {
    super(`the kernel answered ${errorName(-errno)} to ${request}`);
    this.errno = errno;
  }
}

/**
 * `overflow`: the kernel dropped messages, for want of room in the socket, after those still to be received. `cut`: one datagram
 * was lost, because it was larger than the frame, which has grown, or could not be read to its end.
 */
export type Received = "message" | "empty" | "overflow" | "cut";

/** `interrupted`: things changed each time that the kernel was listing them (NLM_F_DUMP_INTR), so that some may be missing. */
export type Dumped = "whole" | "interrupted";

/** Room for one datagram. Several sockets may share it, because each is done with a datagram before another receives. */
export class ReceiveFrame {
  #frame = emptyFrame(FRAME_SIZE);

  get frame(): Frame {
    return this.#frame;
  }

  /** Makes room for a datagram of that size, from the next one on. @returns whether there was too little */
  growFor(size: number): boolean {
    if (size <= this.#frame.bytes.length) return false;
    this.#frame = emptyFrame(2 ** Math.ceil(Math.log2(size)));
    return true;
  }
}

export class NetlinkSocket {
  readonly #libc: Libc;
  readonly #room: ReceiveFrame;
  #fd: number;
  #watch: Watch | undefined;
  #sequence = 0;

  /** @throws SourceError when this kernel, sandbox or container has no netlink */
  constructor(libc: Libc, room = new ReceiveFrame(), protocol: number = NETLINK_ROUTE) {
    this.#libc = libc;
    this.#room = room;
    this.#fd = libc.socket(AF.NETLINK, SOCK.RAW | SOCK.NONBLOCK | SOCK.CLOEXEC, protocol);
    if (this.#fd < 0) {
      throw new SourceError("netlink", `Cannot open a ${PROTOCOLS[protocol]} socket: ${errorName(this.#fd)}`);
    }
    const address = new Uint8Array(12); // struct sockaddr_nl: the kernel chooses the port
    new Uint16Array(address.buffer)[0] = AF.NETLINK;
    this.#must(`bind a ${PROTOCOLS[protocol]} socket`, libc.bind(this.#fd, address));
    // Lets a request for routes name a table. Kernels before 4.20 do not know it and send all tables.
    this.#setOption(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  }

  /**
   * Room for messages that we have not read yet. SO_RCVBUFFORCE goes beyond rmem_max and needs CAP_NET_ADMIN; without it the
   * kernel gives what it allows.
   */
  enlargeBuffer(bytes: number): void {
    if (this.#setOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes) < 0) this.#setOption(SOL_SOCKET, SO_RCVBUF, bytes);
  }

  /** @throws SourceError */
  subscribe(group: number): void {
    this.#must(`subscribe to netlink group ${group}`, this.#setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group));
  }

  /** As `subscribe`, for groups that an older kernel does not have. */
  trySubscribe(group: number): void {
    this.#setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  /**
   * Has the kernel drop messages before they wake anybody. Where that is refused, all of them are received.
   * @param program an array of struct sock_filter
   */
  tryFilter(program: Uint8Array): void {
    const pointer = this.#libc.pointer(program);
    const value = new Uint8Array(2 * pointer.length); // struct sock_fprog: length (16), padding, pointer
    new Uint16Array(value.buffer)[0] = program.length / 8;
    value.set(pointer, pointer.length);
    this.#libc.setOption(this.#fd, SOL_SOCKET, SO_ATTACH_FILTER, value);
  }

  /** @returns false when it cannot be watched and must be asked from time to time. */
  watch(readable: () => void): boolean {
    this.#watch = this.#libc.watch(this.#fd, readable);
    return this.#watch !== undefined;
  }

  /** Receives one datagram and visits its messages. @throws SourceError */
  receive(visit: (frame: Frame, message: Message) => void): Received {
    const { frame } = this.#room;
    const size = this.#receive(frame);
    if (size === -ERRNO.EAGAIN) return "empty";
    if (size === -ERRNO.ENOBUFS) return "overflow";
    if (size < 0) throw new SourceError("netlink", `Cannot receive from rtnetlink: ${errorName(size)}`);
    if (this.#room.growFor(size)) return "cut";
    let overrun = false;
    const whole = eachMessage(frame, size, (message) => {
      if (message.type === NLMSG.OVERRUN) overrun = true;
      else visit(frame, message);
      return true;
    });
    if (overrun) return "overflow";
    return whole ? "message" : "cut";
  }

  /**
   * Sends a dump request and visits every answer. A dump that was interrupted or did not fit is repeated after `begin` was called
   * again.
   * @param what for messages: "RTM_GETLINK"
   * @throws NetlinkError when the kernel refuses the request
   * @throws SourceError when the answer cannot be read
   */
  dump(what: string, ask: Frame, begin: () => void, visit: (frame: Frame, message: Message) => void): Dumped {
    for (let attempt = 1; ; attempt++) {
      begin();
      const came = this.#dumpOnce(what, ask, visit);
      if (came === "whole") return came;
      if (attempt < DUMP_ATTEMPTS) continue;
      if (came === "interrupted") return came;
      throw new SourceError(
        "netlink",
        `Cannot read the answer to ${what}: its messages grow faster than the room for them`,
      );
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#watch?.close(); // before the descriptor goes: libuv must not poll a number that may soon be another file
    this.#watch = undefined;
    this.#libc.close(this.#fd);
    this.#fd = -1;
  }

  #dumpOnce(what: string, ask: Frame, visit: (frame: Frame, message: Message) => void): Dumped | "cut" {
    const sequence = ++this.#sequence;
    ask.u32[2] = sequence;
    this.#must(`ask for ${what}`, this.#libc.send(this.#fd, ask.bytes));
    let result: Dumped | "cut" = "whole";
    let done = false;
    for (;;) {
      const { frame } = this.#room;
      const size = this.#receive(frame); // rtnetlink answers while we send and receive: there is nothing to wait for
      if (size < 0) throw new SourceError("netlink", `Cannot receive the answer to ${what}: ${errorName(size)}`);
      if (this.#room.growFor(size)) {
        result = "cut"; // the rest is received all the same, so that it does not stand before the next answer
        continue;
      }
      const whole = eachMessage(frame, size, (message) => {
        if (message.sequence !== sequence) return true; // the rest of an earlier dump that was given up
        if (message.flags & NLM_F.DUMP_INTR && result === "whole") result = "interrupted";
        if (message.type === NLMSG.DONE || message.type === NLMSG.ERROR) {
          done = true;
          // Both carry a negative errno or 0 first.
          const status = message.end - message.start >= 4 ? (frame.u32[message.start >> 2] ?? 0) | 0 : 0;
          if (status < 0) throw new NetlinkError(what, -status);
          return false;
        }
        visit(frame, message);
        return true;
      });
      if (!whole) throw new SourceError("netlink", `Cannot read the answer to ${what}: a message of it is cut`);
      if (done) return result;
    }
  }

  #receive(frame: Frame): number {
    for (;;) {
      const size = this.#libc.receive(this.#fd, frame.bytes);
      if (size !== -ERRNO.EINTR) return size;
    }
  }

  #setOption(level: number, option: number, value: number): number {
    return this.#libc.setOption(this.#fd, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  #must(action: string, result: number): void {
    if (result >= 0) return;
    this.close();
    throw new SourceError("netlink", `Cannot ${action}: ${errorName(result)}`);
  }
}
