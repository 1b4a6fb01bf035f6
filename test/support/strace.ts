/** What strace(1) has written with `-f`: a line for each call, which begins with the thread. */

/** Lines of a trace; a call that another thread interrupted is put together again, in the place where it ended. */
export function* wholeCalls(trace: string): Generator<string> {
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, thread = "", beginning] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(line) ?? [];
    const [, resumed = "", rest] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
    if (beginning !== undefined) begun.set(thread, beginning);
    else if (rest !== undefined) yield `${resumed} ${begun.get(resumed) ?? ""}${rest}`;
    else yield line;
  }
}
