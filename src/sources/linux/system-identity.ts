/** Which boot of the machine and which network namespace this is: ifindexes mean the same links only within both. */

import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Texts to compare, nothing more. Empty where the system does not tell. */
export function systemIdentity(procfs: string): { readonly boot: string; readonly namespace: string } {
  return {
    boot: attempt(() => readFileSync(join(procfs, "sys/kernel/random/boot_id"), "utf8").trim()),
    namespace: attempt(() => readlinkSync(join(procfs, "self/ns/net"))),
  };
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
