/**
 * The few functions of the C library that netlink and probe sockets need, through koffi. This is the only file that knows koffi: an
 * optional dependency with prebuilt binaries, so it may be missing, and then the caller falls back.
 *
 * As in the kernel, a negative result is the errno of what went wrong.
 */

import { getSystemErrorName } from "node:util";
import { wordsOf } from "./words.ts";

/** Of asm-generic/errno-base.h and errno.h. Not of every architecture: MIPS has other numbers for the last three. */
export const ERRNO = {
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  ENODEV: 19,
  EINVAL: 22,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  ENOBUFS: 105,
} as const;

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): number;
  /** `address` is a sockaddr. A datagram socket may be connected anew. */
  connect(fd: number, address: Uint8Array): number;
  /** Writes the option into `value`, which has its size. */
  getOption(fd: number, level: number, option: number, value: Uint8Array): number;
  setOption(fd: number, level: number, option: number, value: Uint8Array): number;
  /** The size of the whole message even when it was cut (MSG_TRUNC). */
  receive(fd: number, buffer: Uint8Array): number;
  /** recvmsg(2). `header` is a struct msghdr in the machine's own form. */
  receiveMessage(fd: number, header: Uint8Array, flags: number): number;
  send(fd: number, bytes: Uint8Array): number;
  /** `address` is a sockaddr. */
  sendTo(fd: number, bytes: Uint8Array, address: Uint8Array): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  close(fd: number): number;
  /** epoll_create1(2), epoll_ctl(2), epoll_wait(2). `event` and `events` are one and many struct epoll_event; see watch-set.ts. */
  epollCreate(flags: number): number;
  epollControl(set: number, operation: number, fd: number, event: Uint8Array): number;
  epollWait(set: number, events: Uint8Array, maximum: number, timeoutMs: number): number;
  /** CLOCK_REALTIME, since 1970: the clock of the kernel's receive times. */
  wallClock(): readonly [seconds: number, nanoseconds: number];
  /** Where the bytes lie in memory, in the machine's own byte order and width, for structures that hold a pointer. */
  pointer(bytes: Uint8Array): Uint8Array;
  /** Watches a descriptor without keeping the process alive; undefined when this koffi cannot. */
  watch(fd: number, readable: () => void): Watch | undefined;
}

export interface Watch {
  close(): void;
}

/** "EACCES" for -13. */
export function errorName(negativeErrno: number): string {
  return getSystemErrorName(negativeErrno);
}

/** What we use of koffi 3. Written here so that the program also compiles where koffi is not installed. */
interface Koffi {
  load(path: null): { func(prototype: string): (...values: unknown[]) => unknown };
  errno(): number;
  address(value: Uint8Array): bigint;
  sizeof(type: string): number;
  readonly node?: { poll?(fd: number, callback: (status: unknown) => void): PollHandle };
}

interface PollHandle {
  start(callback: (status: unknown) => void): void;
  unref(): void;
  close(): void;
}

const MSG_TRUNC = 0x20;
const CLOCK_REALTIME = 0;

/** The C library cannot be called here. The message is one line and says why. */
export class LibcError extends Error {
  override readonly name = "LibcError";
}

/** @throws LibcError when koffi is not installed or cannot be loaded here */
export async function loadLibc(): Promise<Libc> {
  const koffi = await loadKoffi();
  try {
    return bind(koffi);
  } catch (cause) {
    throw new LibcError(`koffi cannot call the C library: ${text(cause)}`, { cause });
  }
}

async function loadKoffi(): Promise<Koffi> {
  const name: string = "koffi"; // not a literal in import(): the compiler must not ask for an optional package
  try {
    const module = (await import(name)) as { readonly default: Koffi }; // koffi's documented shape; bind() fails if not
    return module.default;
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    throw new LibcError(missing ? "koffi is not installed" : `koffi cannot be loaded: ${text(cause)}`, {
      cause,
    });
  }
}

function text(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "";
}

function bind(koffi: Koffi): Libc {
  const library = koffi.load(null); // libc is in the process already; no soname to guess
  const call = (prototype: string) => {
    const native = library.func(prototype);
    return (...values: unknown[]): number => {
      const result = Number(native(...values));
      return result < 0 ? -koffi.errno() : result;
    };
  };
  const socket = call("int socket(int, int, int)");
  const bindTo = call("int bind(int, const void *, uint32_t)");
  const connect = call("int connect(int, const void *, uint32_t)");
  const getsockopt = call("int getsockopt(int, int, int, void *, void *)");
  const setsockopt = call("int setsockopt(int, int, int, const void *, uint32_t)");
  const recv = call("intptr_t recv(int, void *, size_t, int)");
  const send = call("intptr_t send(int, const void *, size_t, int)");
  const recvmsg = call("intptr_t recvmsg(int, void *, int)");
  const sendto = call("intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)");
  const clockGettime = call("int clock_gettime(int, void *)");
  const ioctl = call("int ioctl(int, unsigned long, void *)");
  const close = call("int close(int)");
  const epollCreate = call("int epoll_create1(int)");
  const epollControl = call("int epoll_ctl(int, int, int, void *)");
  const epollWait = call("int epoll_wait(int, void *, int, int)");
  const pointerSize = koffi.sizeof("void *");
  const timespec = new Uint8Array(new ArrayBuffer(2 * pointerSize));
  const timespecWord = wordsOf(timespec.buffer, pointerSize === 8 ? 8 : 4);

  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol),
    bind: (fd, address) => bindTo(fd, address, address.length),
    connect: (fd, address) => connect(fd, address, address.length),
    getOption: (fd, level, option, value) => {
      const size = new Uint8Array(Uint32Array.of(value.length).buffer);
      return getsockopt(fd, level, option, value, size);
    },
    setOption: (fd, level, option, value) => setsockopt(fd, level, option, value, value.length),
    receive: (fd, buffer) => recv(fd, buffer, buffer.length, MSG_TRUNC),
    receiveMessage: (fd, header, flags) => recvmsg(fd, header, flags),
    send: (fd, bytes) => send(fd, bytes, bytes.length, 0),
    sendTo: (fd, bytes, address) => sendto(fd, bytes, bytes.length, 0, address, address.length),
    ioctl: (fd, request, argument) => ioctl(fd, request, argument),
    close: (fd) => close(fd),
    epollCreate: (flags) => epollCreate(flags),
    epollControl: (set, operation, fd, event) => epollControl(set, operation, fd, event),
    epollWait: (set, events, maximum, timeoutMs) => epollWait(set, events, maximum, timeoutMs),
    wallClock: () => {
      clockGettime(CLOCK_REALTIME, timespec);
      return [timespecWord(0), timespecWord(1)];
    },
    pointer: (bytes) => {
      const address = koffi.address(bytes);
      return pointerSize === 8
        ? new Uint8Array(BigUint64Array.of(address).buffer)
        : new Uint8Array(Uint32Array.of(Number(address)).buffer);
    },
    watch: (fd, readable) => watch(koffi, fd, readable),
  };
}

/**
 * uv_poll on the descriptor. Its callback comes outside of Node's callback scope, where promises and nextTick wait for the
 * next turn of the loop: so it only asks for an immediate. After an error on the socket (a netlink overflow is one)
 * libuv stops polling and says so with a negative status; reading clears the error, then polling begins again.
 */
function watch(koffi: Koffi, fd: number, readable: () => void): Watch | undefined {
  if (typeof koffi.node?.poll !== "function") return undefined;
  let closed = false;
  let pending = false;
  const callback = (status: unknown): void => {
    if (pending || closed) return;
    pending = true;
    setImmediate(() => {
      pending = false;
      if (closed) return;
      readable();
      // `readable` may have closed us; TypeScript cannot see that.
      if (typeof status === "number" && status < 0 && !(closed as boolean)) handle.start(callback);
    });
  };
  const handle = koffi.node.poll(fd, callback);
  handle.unref();
  return {
    close: () => {
      closed = true;
      handle.close();
    },
  };
}
