/** Compares passwords with bcrypt hashes in a thread of its own: each takes a tenth of a second of a processor. */

import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";
import { asVersion2b } from "./bcrypt-hash.ts";

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

parentPort?.on("message", ({ password, hash }: Comparison) => {
  parentPort?.postMessage(matches(password, hash));
});

function matches(password: string, hash: string): boolean {
  try {
    return compareSync(password, asVersion2b(hash));
  } catch {
    return false;
  }
}
