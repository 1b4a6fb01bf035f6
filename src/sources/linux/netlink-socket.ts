/** A NETLINK_ROUTE socket: opening, subscribing, asking and receiving (netlink(7)). Never blocks. */

import { ERRNO, errorName, type Libc, type Watch } from "../../os/libc.ts";
import { SourceError } from "../source.ts";
import { eachMessage, emptyFrame, type Frame, type Message } from "./netlink-wire.ts";
import { AF, NETLINK_ROUTE, NLM_F, NLMSG } from "./rtnetlink.ts";

const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_GET_STRICT_CHK = 12;

/** The kernel makes dump messages of at most 32 KiB; with less room it would make smaller ones, and more of them. */
const FRAME_SIZE = 32 * 1024;

/** How often an interrupted dump, which may lack links, is repeated. After that the events of the storm tell the rest. */
const DUMP_ATTEMPTS = 4;

/** What the kernel answered to a request, as a (positive) errno. */
export class NetlinkError extends Error {
  override readonly name = "NetlinkError";
  readonly errno: number;

  constructor(request: string, errno: number) {
    super(`the kernel answered ${errorName(-errno)} to ${request}`);
    this.errno = errno;
  }
}

export type Received = "message" | "empty" | "overflow";

export class NetlinkSocket {
  readonly #libc: Libc;
  readonly #frame: Frame = emptyFrame(FRAME_SIZE);
  #fd: number;
  #watch: Watch | undefined;
  #sequence = 0;

  /** @throws SourceError when this kernel, sandbox or container has no netlink */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = libc.socket(AF.NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (this.#fd < 0) {
      throw new SourceError("netlink", `Cannot open a NETLINK_ROUTE socket: ${errorName(this.#fd)}`);
    }
    const address = new Uint8Array(12); // struct sockaddr_nl: the kernel chooses the port
    new Uint16Array(address.buffer)[0] = AF.NETLINK;
    this.#must("bind a NETLINK_ROUTE socket", libc.bind(this.#fd, address));
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
    this.#must(`subscribe to rtnetlink group ${group}`, this.#setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group));
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

  /**
   * Receives one datagram and visits its messages. `overflow`: the kernel dropped messages after those still to be received,
   * or one could not be read whole.
   */
  receive(visit: (frame: Frame, message: Message) => void): Received {
    const size = this.#receive();
    if (size === -ERRNO.EAGAIN) return "empty";
    if (size === -ERRNO.ENOBUFS) return "overflow";
    if (size < 0) throw new SourceError("netlink", `Cannot receive from rtnetlink: ${errorName(size)}`);
    let overrun = false;
    const whole = eachMessage(this.#frame, size, (message) => {
      if (message.type === NLMSG.OVERRUN) overrun = true;
      else visit(this.#frame, message);
      return true;
    });
    return whole && !overrun && size <= FRAME_SIZE ? "message" : "overflow";
  }

  /**
   * Sends a dump request and visits every answer. An interrupted dump (NLM_F_DUMP_INTR) is repeated after `begin` was called
   * again.
   * @param what for messages: "RTM_GETLINK"
   * @throws NetlinkError when the kernel refuses the request
   * @throws SourceError when the answer cannot be read
   */
  dump(what: string, ask: Frame, begin: () => void, visit: (frame: Frame, message: Message) => void): void {
    for (let attempt = 1; ; attempt++) {
      begin();
      if (!this.#dumpOnce(what, ask, visit) || attempt === DUMP_ATTEMPTS) return;
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    this.#watch?.close(); // before the descriptor goes: libuv must not poll a number that may soon be another file
    this.#watch = undefined;
    this.#libc.close(this.#fd);
    this.#fd = -1;
  }

  /** @returns whether the kernel says that things changed while it was listing them */
  #dumpOnce(what: string, ask: Frame, visit: (frame: Frame, message: Message) => void): boolean {
    const sequence = ++this.#sequence;
    ask.u32[2] = sequence;
    this.#must(`ask for ${what}`, this.#libc.send(this.#fd, ask.bytes));
    let interrupted = false;
    let done = false;
    for (;;) {
      const size = this.#receive(); // rtnetlink answers while we send and receive: there is nothing to wait for
      if (size < 0) throw new SourceError("netlink", `Cannot receive the answer to ${what}: ${errorName(size)}`);
      const whole = eachMessage(this.#frame, size, (message) => {
        if (message.sequence !== sequence) return true; // the rest of an earlier dump that was given up
        if (message.flags & NLM_F.DUMP_INTR) interrupted = true;
        if (message.type === NLMSG.DONE || message.type === NLMSG.ERROR) {
          done = true;
          // Both carry a negative errno or 0 first.
          const status = message.end - message.start >= 4 ? (this.#frame.u32[message.start >> 2] ?? 0) | 0 : 0;
          if (status < 0) throw new NetlinkError(what, -status);
          return false;
        }
        visit(this.#frame, message);
        return true;
      });
      if (!whole || size > FRAME_SIZE) {
        throw new SourceError("netlink", `Cannot read the answer to ${what}: a message of ${size} bytes is cut`);
      }
      if (done) return interrupted;
    }
  }

  #receive(): number {
    for (;;) {
      const size = this.#libc.receive(this.#fd, this.#frame.bytes);
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
