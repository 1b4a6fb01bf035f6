/** Many histories, and what is left of one that fails when all that does not matter has been taken out. */

import { Random } from "./random.ts";
import { type History, history, type Step } from "./step.ts";
import { type Tally, World } from "./world.ts";

export function emptyTally(): Tally {
  return { histories: 0, steps: 0, scrapes: 0, saves: 0, slots: 0, crashes: 0, restarts: 0, recoveries: 0 };
}

/** Runs the history of that seed. @throws Error that tells how to repeat it, with its shortest form */
export function simulate(seed: number, tally: Tally): void {
  const whole = history(new Random(seed), seed);
  if (failureOf(whole, tally) === undefined) return;
  const shrunk = shrink(whole);
  const failure = failureOf(shrunk, emptyTally());
  throw new Error(`${failure?.message}\n\nSeed ${seed}, ${shrunk.bits}-bit counters, shortened:\n${print(shrunk)}\n`, {
    cause: failure,
  });
}

function failureOf(told: History, tally: Tally): Error | undefined {
  try {
    World.live(told, tally);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Takes out steps, many and then few at a time, as long as it still fails. */
function shrink(told: History): History {
  let steps = [...told.steps];
  for (let size = steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < steps.length; ) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
      if (failureOf({ ...told, steps: fewer }, emptyTally())) steps = fewer;
      else at += size;
    }
  }
  return { ...told, steps };
}

function print({ steps }: History): string {
  return steps.map(({ kind, a, b, c }: Step) => `  ${kind} ${a} ${b} ${c}`).join("\n");
}
