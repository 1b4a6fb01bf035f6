/** Why a process woke up, out of what strace(1) wrote about it. */

import { wholeCalls } from "../../test/support/strace.ts";

/** Calls in which a thread waits for something to happen. */
const WAITS = /^(?:epoll_p?wait2?|nanosleep|clock_nanosleep|p?poll|p?select6?)\(|^futex\([^,]+, FUTEX_WAIT/;
/** Those that returned at once: Node asks whether there is more to do; a lock is free again. */
const LOOK = /^epoll_p?wait2?\(.*, \d+, 0(?:, NULL, \d+)?\)|^futex\(.* = -1 EAGAIN/;
/** The last call of each thread may have no end: strace went away meanwhile. */
const ENDED = /\) += /;

/** What a main thread does after it woke up; each that fits is part of the reason. */
const REASONS: readonly { readonly reason: string; readonly calls: RegExp }[] = [
  { reason: "asks the kernel about links, over netlink", calls: /^send(?:to|msg)\(\d+<(?:NETLINK|socket)/ },
  { reason: "writes a slot of the state", calls: /^pwrite(?:64|v)\(/ },
  { reason: "takes a connection or a request", calls: /^accept4?\(|^read\(\d+<(?:TCP|UNIX)/ },
  { reason: "is told that another thread is done", calls: /^read\(\d+<anon_inode:\[?eventfd/ },
  { reason: "runs another program", calls: /^(?:clone3?|vfork|execve)\(/ },
];
const OF_RUNTIME = "a thread of the runtime: garbage collection, compiler, timers";
const NO_CALL = "a timer after which nothing is called";
const OTHER_CALL = "calls ";

/**
 * @param trace what `strace -f -y` wrote
 * @param main thread of the event loop; wake-ups of others are those of the runtime
 * @returns how often for each reason
 */
export function wakeUps(trace: string, main: number): Map<string, number> {
  const found = new Map<string, number>();
  const count = (reason: string): void => void found.set(reason, (found.get(reason) ?? 0) + 1);
  /** Since the main thread woke up; undefined before that. */
  let calls: string[] | undefined;
  for (const line of wholeCalls(trace)) {
    const [, thread, call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const isMain = Number(thread) === main;
    if (!ENDED.test(call)) continue;
    if (!WAITS.test(call) || LOOK.test(call)) {
      if (isMain) calls?.push(call);
    } else if (!isMain) {
      count(OF_RUNTIME);
    } else if (call.startsWith("epoll")) {
      if (calls !== undefined) count(reasonOf(calls));
      calls = [];
    }
  }
  if (calls !== undefined) count(reasonOf(calls));
  return found;
}

/** Memory that is asked for or given back is no reason to wake up. */
const MEMORY = /^(?:mmap|munmap|mprotect|madvise|brk|futex|epoll_)/;

function reasonOf(calls: readonly string[]): string {
  const reasons = REASONS.filter(({ calls: pattern }) => calls.some((call) => pattern.test(call)));
  if (reasons.length > 0) return reasons.map(({ reason }) => reason).join(", ");
  const [other] = calls.filter((call) => !MEMORY.test(call));
  return other === undefined ? NO_CALL : `${OTHER_CALL}${other.replace(/\(.*/, "")}`;
}
