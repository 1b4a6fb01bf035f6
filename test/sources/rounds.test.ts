/** Rounds of questions to a system that is polled, and the events that wait for the daemon. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventQueue } from "#src/sources/event-queue.js";
import { Rounds } from "#src/sources/rounds.js";
import { eventually } from "../support/wait.ts";

/** Rounds that end when they are told to, with the number that have begun and the number under way. */
function heldRounds(intervalMs: number) {
  const seen = { begun: 0, underWay: 0, most: 0 };
  let release: () => void = () => {};
  const rounds = new Rounds({
    intervalMs,
    pauseMs: 1,
    jitter: 0.5,
    round: () =>
      new Promise((resolve) => {
        seen.begun++;
        seen.most = Math.max(seen.most, ++seen.underWay);
        release = () => {
          seen.underWay--;
          resolve();
        };
      }),
  });
  return { rounds, seen, release: () => release() };
}

test("a round begins when the one before has ended, however long that took", async () => {
  const { rounds, seen, release } = heldRounds(1);
  rounds.start(0);
  const keepAlive = setInterval(() => {}, 1_000); // the rounds themselves keep no program alive
  for (let n = 1; n <= 5; n++) {
    await eventually(
      () => seen.begun === n,
      () => `round ${n} does not begin`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5)); // several intervals
    assert.equal(seen.begun, n);
    release();
  }
  assert.equal(seen.most, 1);
  await eventually(
    () => seen.begun === 6,
    () => "no sixth round",
  );
  release();
  await rounds.stop();
  clearInterval(keepAlive);
});

test("who stops waits for the round that is under way, and none follows", async () => {
  const { rounds, seen, release } = heldRounds(1);
  rounds.start(0);
  const keepAlive = setInterval(() => {}, 1_000);
  await eventually(
    () => seen.begun === 1,
    () => "no round",
  );
  let stopped = false;
  const stopping = rounds.stop().then(() => (stopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stopped, false);
  release();
  await stopping;
  await new Promise((resolve) => setTimeout(resolve, 10)); // several intervals
  assert.equal(seen.begun, 1);
  clearInterval(keepAlive);
});

test("events wait in their order until they are drained, and each push wakes", () => {
  const queue = new EventQueue();
  queue.push({ kind: "routes" });
  let woken = 0;
  queue.open(() => woken++);
  queue.push({ kind: "addresses" }, { kind: "unreachable", cause: "no answer" });
  queue.push();
  assert.equal(woken, 1);
  assert.deepEqual(
    queue.drain().map(({ kind }) => kind),
    ["routes", "addresses", "unreachable"],
  );
  assert.deepEqual(queue.drain(), []);
});
