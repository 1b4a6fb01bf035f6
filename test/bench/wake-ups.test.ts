/** Wake-ups are counted once each, whatever other threads do meanwhile, and those that are none are not. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { wakeUps } from "../../bench/idle/wake-ups.ts";

const MAIN = 10;
const RUNTIME = "a thread of the runtime: garbage collection, compiler, timers";
const TIMER = "a timer after which nothing is called";

/** Of a trace that begins while the main thread waits. */
function counted(...lines: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    wakeUps([`10 epoll_pwait(9<anon_inode:[eventpoll]>,  <unfinished ...>`, ...lines, ""].join("\n"), MAIN),
  );
}

describe("wake-ups of a trace", () => {
  test("are none while the main thread waits", () => {
    assert.deepEqual(counted("10 <... epoll_pwait resumed> <detached ...>"), {});
  });

  test("are told by what the main thread does then", () => {
    const found = counted(
      "10 <... epoll_pwait resumed>[], 1024, 500, NULL, 8) = 0",
      "10 sendto(18<NETLINK:[ROUTE:12]>, [{nlmsg_len=40}], 40, 0, NULL, 0) = 40",
      '10 pwrite64(19</var/lib/state.json>, "{}", 2, 0) = 2',
      "10 epoll_pwait(9<anon_inode:[eventpoll]>, [], 1024, 500, NULL, 8) = 0",
      "10 madvise(0x20e1c680000, 520192, MADV_DONTNEED) = 0",
      "10 epoll_pwait(9<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=13, u64=13}}], 1024, -1, NULL, 8) = 1",
      '10 statx(AT_FDCWD</>, "/etc/hosts", 0, STATX_ALL, {stx_mask=STATX_ALL}) = 0',
      "10 epoll_pwait(9<anon_inode:[eventpoll]>,  <detached ...>",
    );
    assert.deepEqual(found, {
      "asks the kernel about links, over netlink, writes a slot of the state": 1,
      [TIMER]: 1,
      "calls statx": 1,
    });
  });

  test("do not come of a look whether there is more to do, also when another thread comes between", () => {
    const found = counted(
      "10 <... epoll_pwait resumed>[], 1024, 500, NULL, 8) = 0",
      "10 epoll_pwait(9<anon_inode:[eventpoll]>, [], 1024, 0, NULL, 8) = 0",
      "10 epoll_pwait(9<anon_inode:[eventpoll]>,  <unfinished ...>",
      '11 write(17<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8',
      "10 <... epoll_pwait resumed>[], 1024, 0, NULL, 8) = 0",
      "10 epoll_pwait(9<anon_inode:[eventpoll]>,  <unfinished ...>",
    );
    assert.deepEqual(found, { [TIMER]: 1 });
  });

  test("of other threads are those that end a wait", () => {
    const found = counted(
      "11 futex(0x566f9c8, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY <unfinished ...>",
      "12 epoll_pwait(5<anon_inode:[eventpoll]>, [], 128, -1, NULL, 0) = 0",
      "12 epoll_pwait(5<anon_inode:[eventpoll]>, [], 128, 0, NULL, 0) = 0",
      "12 futex(0x566f9c8, FUTEX_WAKE_PRIVATE, 1) = 1",
      "11 <... futex resumed>) = 0",
      "11 futex(0x566f960, FUTEX_WAIT_PRIVATE, 2, NULL) = -1 EAGAIN (Resource temporarily unavailable)",
      "11 futex(0x566f9c8, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY <unfinished ...>",
      "11 <... futex resumed> <detached ...>",
    );
    assert.deepEqual(found, { [RUNTIME]: 2 });
  });
});
