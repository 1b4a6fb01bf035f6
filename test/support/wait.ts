/** Waiting for something to become true, with a limit that is far above what it takes. */

import { setTimeout as sleep } from "node:timers/promises";

const LIMIT_MS = 60_000;
const STEP_MS = 10;
/** Tests of one file may share a process, and one that waits for a command keeps the others from looking: who has hardly looked has not waited. */
const LEAST_LOOKS = 30;

/** @throws Error with `complaint` when `holds` does not answer true in time */
export async function eventually(holds: () => boolean | Promise<boolean>, complaint: () => string): Promise<void> {
  const began = performance.now();
  for (let looks = 1; !(await holds()); looks++) {
    const waited = performance.now() - began;
    if (looks >= LEAST_LOOKS && waited > LIMIT_MS)
      throw new Error(`Waited ${Math.round(waited / 1000)} s: ${complaint()}`);
    await sleep(STEP_MS);
  }
}
