/** Long works and what waits for them: all on one loop. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { atOnce, inTurns, SharedWork } from "#src/turns/in-turns.js";

/** Milliseconds: longer than a turn. */
const LONG_MS = 7;

/** Work of so many steps, each as long as a turn. */
function* work(steps: number, stepDone: () => void = () => {}): Generator<void, string> {
  for (let step = 0; step < steps; step++) {
    const until = performance.now() + LONG_MS;
    while (performance.now() < until);
    stepDone();
    yield;
  }
  return "done";
}

test("of several long works one has its turn, then all others, be they many or few", async () => {
  const order: string[] = [];
  let areDone = false;
  const works = ["a", "b", "c"].map((name) => inTurns(work(4, () => order.push(name))));
  const all = Promise.all(works).then((outcomes) => {
    areDone = true;
    return outcomes;
  });
  while (!areDone) {
    order.push("-");
    await setImmediate();
  }
  assert.deepEqual(await all, ["done", "done", "done"]);
  assert.match(order.join(""), /^abc(-+[abc])+-*$/, "after the first step, no two steps in one turn of the loop");
});

test("what a step throws is the work's alone", async () => {
  function* broken(): Generator<void, string> {
    yield;
    throw new Error("the disk is on fire");
  }
  const outcomes = await Promise.allSettled([inTurns(broken()), inTurns(work(3))]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
});

test("work that somebody ends at once is done once, and has one outcome for all", async () => {
  let steps = 0;
  const shared = new SharedWork(work(4, () => steps++));
  const waiting = inTurns(shared.steps());
  assert.equal(steps, 1, "has begun");
  assert.equal(atOnce(shared.steps()), "done");
  assert.equal(await waiting, "done");
  assert.equal(atOnce(shared.steps()), "done", "also for who comes later");
  assert.equal(steps, 4);
});

test("all who want work done are told what one of its steps throws", async () => {
  function* broken(): Generator<void, string> {
    yield* work(1);
    throw new Error("the disk is on fire");
  }
  const shared = new SharedWork(broken());
  const waiting = assert.rejects(inTurns(shared.steps()), /on fire/);
  assert.throws(() => atOnce(shared.steps()), /on fire/);
  await waiting;
});
