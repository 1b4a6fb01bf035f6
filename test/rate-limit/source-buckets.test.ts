import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceBuckets } from "#src/rate-limit/source-buckets.js";

const RATE = { intervalMs: 10, burst: 4 };

/** How many tokens a source gets that asks for `wanted` at one instant. */
function taken(buckets: SourceBuckets, source: string, wanted: number, nowMs: number): number {
  return Array.from({ length: wanted }, () => buckets.take(source, nowMs)).filter(Boolean).length;
}

test("a source has a burst, and then a token in each interval", () => {
  const buckets = new SourceBuckets(RATE);
  assert.equal(taken(buckets, "a", 10, 0), 4);
  assert.equal(taken(buckets, "a", 10, 9), 0);
  assert.equal(taken(buckets, "a", 10, 25), 2);
  assert.equal(taken(buckets, "b", 10, 25), 4);
});

test("what is charged is owed, and costs no other source anything", () => {
  const buckets = new SourceBuckets(RATE);
  assert.equal(taken(buckets, "a", 2, 0), 2);
  buckets.charge(5, "a", 0);
  assert.equal(taken(buckets, "a", 1, 35), 0);
  assert.equal(taken(buckets, "a", 10, 45), 1);
  assert.equal(taken(buckets, "b", 10, 45), 4);
});

test("nobody owes more than a full bucket", () => {
  const buckets = new SourceBuckets(RATE);
  for (let count = 0; count < 100; count++) buckets.charge(1_000, "a", 0);
  assert.equal(taken(buckets, "a", 1, 45), 0);
  assert.equal(taken(buckets, "a", 1, 55), 1);
});

test("a flood of sources forgets those of the flood, and nobody who is still asking", () => {
  const buckets = new SourceBuckets(RATE);
  assert.equal(taken(buckets, "a", 4, 0), 4);
  for (let count = 0; count < 3_000; count++) {
    assert.equal(taken(buckets, `forged ${count}`, 4, 0), 4);
    if (count % 1_000 === 0) assert.equal(taken(buckets, "a", 1, 0), 0);
  }
  assert.equal(taken(buckets, "forged 0", 4, 0), 4, "whoever is forgotten begins with a full bucket");
});
