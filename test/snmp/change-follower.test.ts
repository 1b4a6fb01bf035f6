/** Work that follows changes never misses the last of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ChangeFollower } from "#src/snmp/change-follower.js";

/** A follower whose runs end when they are told to. */
function held() {
  const ends: ((error?: Error) => void)[] = [];
  const failures: unknown[] = [];
  const follower = new ChangeFollower(
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()));
      }),
    (error) => failures.push(error),
  );
  const turns = async () => {
    for (let count = 0; count < 3; count++) await turn();
  };
  return { follower, ends, failures, turns };
}

test("changes of one turn are one run", async () => {
  const { follower, ends, turns } = held();
  for (let count = 0; count < 10; count++) follower.wake();
  await turns();
  assert.equal(ends.length, 1);
  ends[0]?.();
  await turns();
  assert.equal(ends.length, 1);
});

test("a change during a run is followed by one more, and never by two at once", async () => {
  const { follower, ends, turns } = held();
  follower.wake();
  await turns();
  follower.wake();
  await turns();
  follower.wake();
  await turns();
  assert.equal(ends.length, 1, "the first is still under way");
  ends[0]?.();
  await turns();
  assert.equal(ends.length, 2);
  ends[1]?.();
  await turns();
  assert.equal(ends.length, 2);
});

test("a run that fails is told, and the next change begins another", async () => {
  const { follower, ends, failures, turns } = held();
  follower.wake();
  await turns();
  ends[0]?.(new Error("no"));
  await turns();
  assert.equal(String(failures), "Error: no");
  follower.wake();
  await turns();
  assert.equal(ends.length, 2);
});

test("closing waits for the run in progress, and begins no other", async () => {
  const { follower, ends, turns } = held();
  follower.wake();
  await turns();
  follower.wake();
  let isClosed = false;
  const closing = follower.close().then(() => {
    isClosed = true;
  });
  await turns();
  assert.equal(isClosed, false);
  ends[0]?.();
  await closing;
  follower.wake();
  await turns();
  assert.equal(ends.length, 1);
});
