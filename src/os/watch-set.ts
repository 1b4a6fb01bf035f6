/**
 * Many descriptors watched through one (epoll(7)): the event loop wakes once for all that have something waiting, and whoever wants to know
 * now may ask. A watch of its own for each descriptor costs a wake-up each.
 */

import type { Libc, Watch } from "./libc.ts";

/** <sys/epoll.h>. */
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL = { ADD: 1, DEL: 2 } as const;
const EPOLLIN = 1;

/**
 * struct epoll_event in words of 32 bits: events (1), data (2). Packed on x86-64; elsewhere the data is aligned as a 64-bit number is. Of the
 * data only the first word is used.
 */
const [DATA, SIZE] = process.arch === "x64" || process.arch === "ia32" ? [1, 3] : [2, 4];

/** Descriptors that one epoll_wait tells of. */
const AT_ONCE = 64;
/** So often it is asked at one go: whoever floods a socket must not hold the event loop. */
const ROUNDS = 64;

export class WatchSet {
  readonly #libc: Libc;
  readonly #readable = new Map<number, () => void>();
  /** Open while something is watched. */
  #set: { readonly fd: number; readonly watch: Watch } | undefined;
  readonly #events = new Int32Array(AT_ONCE * SIZE);
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  /** Apart from the others: whoever is told may close sockets. */
  readonly #changed = new Int32Array(SIZE);
  readonly #changedBytes = new Uint8Array(this.#changed.buffer);

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** `readable` is called, never synchronously, while something waits at the descriptor. False: this system cannot. */
  add(fd: number, readable: () => void): boolean {
    const set = this.#opened();
    if (!set || this.#control(set.fd, EPOLL_CTL.ADD, fd) < 0) {
      this.#closeIfEmpty();
      return false;
    }
    this.#readable.set(fd, readable);
    return true;
  }

  /** To be called before the descriptor is closed. */
  remove(fd: number): void {
    if (!this.#set || !this.#readable.delete(fd)) return;
    this.#control(this.#set.fd, EPOLL_CTL.DEL, fd);
    this.#closeIfEmpty();
  }

  /** Calls each that has something waiting, until nothing waits. */
  poll(): void {
    for (let round = 0; round < ROUNDS && this.#set; round++) {
      const told = this.#libc.epollWait(this.#set.fd, this.#eventBytes, AT_ONCE, 0);
      if (told <= 0) return;
      for (let index = 0; index < told; index++) this.#readable.get(this.#events[index * SIZE + DATA] ?? -1)?.();
    }
  }

  #opened(): { readonly fd: number; readonly watch: Watch } | undefined {
    if (this.#set) return this.#set;
    const fd = this.#libc.epollCreate(EPOLL_CLOEXEC);
    if (fd < 0) return undefined;
    const watch = this.#libc.watch(fd, () => this.poll());
    if (!watch) {
      this.#libc.close(fd);
      return undefined;
    }
    this.#set = { fd, watch };
    return this.#set;
  }

  #closeIfEmpty(): void {
    if (!this.#set || this.#readable.size > 0) return;
    this.#set.watch.close();
    this.#libc.close(this.#set.fd);
    this.#set = undefined;
  }

  #control(set: number, operation: number, fd: number): number {
    this.#changed[0] = EPOLLIN;
    this.#changed[DATA] = fd;
    return this.#libc.epollControl(set, operation, fd, this.#changedBytes);
  }
}
