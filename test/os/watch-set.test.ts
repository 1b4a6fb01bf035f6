/** Many descriptors watched through one, with datagram sockets that send to themselves. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { type Libc, loadLibc } from "#src/os/libc.js";
import { AF, SOCK } from "#src/os/socket.js";
import { WatchSet } from "#src/os/watch-set.js";
import { socketAddress } from "#src/probe-socket/socket-address.js";
import { eventually } from "../support/wait.ts";

const LINUX = { skip: process.platform === "linux" ? false : "epoll is Linux's" };

/** More than one call to the kernel tells of. */
const MANY = 100;

/** A socket with an address of its own on the loopback link, to which it can send. */
class Echo {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #own: Uint8Array;

  private constructor(libc: Libc, fd: number, own: Uint8Array) {
    this.#libc = libc;
    this.fd = fd;
    this.#own = own;
  }

  static async open(t: TestContext, libc: Libc): Promise<Echo> {
    const probe = createSocket("udp4").bind(0, "127.0.0.1"); // finds a port that is free
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    const own = socketAddress("ipv4", "127.0.0.1", port, 0);
    const fd = libc.socket(AF.INET, SOCK.DGRAM | SOCK.NONBLOCK | SOCK.CLOEXEC, 0);
    assert.equal(libc.bind(fd, own), 0);
    t.after(() => libc.close(fd));
    return new Echo(libc, fd, own);
  }

  send(): void {
    this.#libc.sendTo(this.fd, Uint8Array.of(1), this.#own);
  }

  take(): number {
    return this.#libc.receive(this.fd, new Uint8Array(8));
  }
}

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

describe("a set of watched descriptors", LINUX, () => {
  test("tells of each that has something waiting, at once when asked, and of no other", async (t) => {
    const libc = await loadLibc();
    const set = new WatchSet(libc);
    const echoes = await Promise.all(Array.from({ length: MANY }, () => Echo.open(t, libc)));
    const told: number[] = [];
    for (const [n, echo] of echoes.entries()) {
      assert.ok(
        set.add(echo.fd, () => {
          told.push(n);
          echo.take();
        }),
      );
    }
    for (const [n, echo] of echoes.entries()) if (n !== 7) echo.send();
    set.poll();
    const expected = echoes.flatMap((_, n) => (n === 7 ? [] : n));
    assert.deepEqual(
      [...told].sort((a, b) => a - b),
      expected,
    );
    for (const { fd } of echoes) set.remove(fd);
  });

  test("wakes the event loop, again while something is left, and not for what is no longer watched", async (t) => {
    const libc = await loadLibc();
    const set = new WatchSet(libc);
    const [heard, left] = [await Echo.open(t, libc), await Echo.open(t, libc)];
    let taken = 0;
    set.add(heard.fd, () => {
      if (heard.take() > 0) taken++;
    });
    set.add(left.fd, () => assert.fail("it is no longer watched"));
    set.remove(left.fd);
    for (let n = 0; n < 3; n++) heard.send();
    left.send();
    await eventually(
      () => taken === 3,
      () => `${taken} of 3 were taken`,
    );
    set.remove(heard.fd);
  });

  test("holds no descriptor of its own while nothing is watched", async (t) => {
    const libc = await loadLibc();
    const set = new WatchSet(libc);
    const echo = await Echo.open(t, libc);
    const before = openDescriptors();
    set.add(echo.fd, () => undefined);
    assert.equal(openDescriptors(), before + 1);
    set.remove(echo.fd);
    assert.equal(openDescriptors(), before);
  });

  test("refuses what cannot be watched", async () => {
    const set = new WatchSet(await loadLibc());
    const before = openDescriptors();
    assert.equal(
      set.add(-1, () => undefined),
      false,
    );
    assert.equal(openDescriptors(), before);
  });
});
