/** Waiting for something to become true, with a limit that is far above what it takes. */

import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 60_000;
const STEP_MS = 10;

/** @throws Error with `complaint` when `holds` does not answer true in time */
export async function eventually(holds: () => boolean | Promise<boolean>, complaint: () => string): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited ${LIMIT_MS / 1000} s: ${complaint()}`);
    await sleep(STEP_MS);
  }
}
