/**
 * Runs something at the times of a cron expression, as node-cron reads it, by a timer of our own. node-cron's own timer waits until
 * the wall clock is where it was to be: a clock set back a day stops it for a day. And it goes one by one through the times
 * that it missed: a machine without a battery for its clock, which starts in 1970 and is then told the time, stands still.
 */

import { createTask } from "node-cron";
import type { Clock } from "./clock.ts";

/** The wall clock is looked at again after this long at the latest: it may have been set meanwhile. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Times that were missed are made up for by running once.
 * @param expression a valid one
 * @param run may go on in the background: answers with a promise then
 * @param failed told of whatever `run` throws, at once or later
 * @returns a function that ends it, and waits for the last run: what that works with is taken apart next
 */
export function schedule(
  expression: string,
  clock: Pick<Clock, "wallMs">,
  run: () => unknown,
  failed: (error: unknown) => void,
): () => Promise<void> {
  const task = createTask(expression, () => undefined); // never started: it only knows the times
  const nextMs = (): number => task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY;
  let plannedMs = nextMs();
  let timer: NodeJS.Timeout;
  let lastRun = Promise.resolve();
  const wait = (): void => {
    const delay = Math.min(Math.max(plannedMs - clock.wallMs(), 1), LONGEST_WAIT_MS);
    timer = setTimeout(look, delay).unref();
  };
  const begin = async (): Promise<void> => {
    await run();
  };
  const look = (): void => {
    const isDue = clock.wallMs() >= plannedMs;
    plannedMs = nextMs(); // the same again, unless it is past or the clock was set
    if (isDue) lastRun = begin().catch(failed);
    wait();
  };
  wait();
  return () => {
    clearTimeout(timer);
    void task.destroy();
    return lastRun;
  };
}
