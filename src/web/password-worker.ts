/** Compares passwords with bcrypt hashes in a thread of its own: each takes a tenth of a second of a processor. */

import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

parentPort?.on("message", ({ password, hash }: Comparison) => {
  parentPort?.postMessage(matches(password, hash));
});

function matches(password: string, hash: string): boolean {
  try {
    return compareSync(password, hash.replace(/^\$2[a-z]?\$/, "$2b$")); // as Go does, whatever letter is there
  } catch {
    return false;
  }
}
