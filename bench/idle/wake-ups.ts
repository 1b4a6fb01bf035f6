/** Why a process woke up, out of what strace(1) wrote about it. */

/** Calls in which a thread waits for something to happen. */
const WAITS = /^(?:epoll_p?wait2?|futex|nanosleep|clock_nanosleep|p?poll|p?select6?)\(/;
/** A look that does not wait: Node asks whether there is more to do. */
const LOOK = /^epoll_p?wait2?\(.*, 0(?:, NULL, \d+)?(?:\)| <unfinished)/;
const RESUMED = /^<\.\.\. (\w+) resumed>/;

/** What a main thread does after it woke up; each that fits is part of the reason. */
const REASONS: readonly { readonly reason: string; readonly calls: RegExp }[] = [
  { reason: "asks the kernel about links, over netlink", calls: /^send(?:to|msg)\(\d+<(?:NETLINK|socket)/ },
  { reason: "writes a slot of the state", calls: /^pwrite(?:64|v)\(/ },
  { reason: "takes a connection or a request", calls: /^accept4?\(|^read\(\d+<(?:TCP|UNIX)/ },
  { reason: "is told that another thread is done", calls: /^read\(\d+<anon_inode:\[?eventfd/ },
  { reason: "runs another program", calls: /^(?:clone3?|vfork|execve)\(/ },
];
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
  /** Since the main thread woke up; undefined while nothing was seen of that. */
  let calls: string[] | undefined;
  for (const line of trace.split("\n")) {
    const [, thread, call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || call.startsWith("+++") || call.startsWith("---")) continue;
    const resumed = RESUMED.exec(call)?.[1];
    const name = resumed === undefined ? call : `${resumed}(`;
    const hasReturned = !call.endsWith("<unfinished ...>");
    if (!WAITS.test(name) || LOOK.test(call)) {
      if (Number(thread) === main && resumed === undefined) calls?.push(call);
    } else if (Number(thread) !== main) {
      if (hasReturned) count("a thread of the runtime: garbage collection, compiler, timers");
    } else if (name.startsWith("epoll")) {
      if (calls !== undefined && resumed === undefined) count(reasonOf(calls));
      if (resumed === undefined) calls = undefined;
      if (hasReturned) calls = [];
    }
  }
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
