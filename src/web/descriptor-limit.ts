/** How many files and sockets the system lets this process have open: RLIMIT_NOFILE of getrlimit(2). */

import { readFileSync } from "node:fs";

/** Undefined without /proc. */
export function descriptorLimit(): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
