import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { Observations } from "#src/histogram/observations.js";

const OPTIONS = { bounds: [0.01, 0.1, 1], smallest: 2 ** -10, largest: 64 };

function observed(...sizes: readonly number[]) {
  const observations = new Observations(OPTIONS);
  for (const size of sizes) observations.observe(size);
  return observations.snapshot();
}

function fine(...sizes: readonly number[]) {
  const { native } = observed(...sizes);
  assert.ok(native);
  return native;
}

describe("observations", () => {
  test("are counted by bound, each bound with those below it", () => {
    const { buckets, count, sum } = observed(0.005, 0.01, 0.5, 3, 0);
    assert.deepEqual(
      buckets.map(({ count: many }) => many),
      [3, 3, 4],
    );
    assert.deepEqual([count, sum], [5, 3.515]);
  });

  test("before the first there is nothing, in all buckets", () => {
    const { buckets, count, native } = observed();
    assert.deepEqual([count, buckets.length, native?.buckets, native?.zeroCount], [0, 3, [], 0]);
  });

  test("at the end of a fine bucket belong to it", () => {
    for (let index = -79; index <= 48; index++) {
      assert.deepEqual(fine(2 ** (index / 8)).buckets, [{ index, count: 1 }], `2^(${index}/8)`);
    }
  });

  test("that are too small or too large to be told apart are counted all the same", () => {
    assert.deepEqual(fine(0, 2 ** -10, 1e-9), { schema: 3, zeroThreshold: 2 ** -10, zeroCount: 3, buckets: [] });
    assert.deepEqual(fine(64, 65, 1e300).buckets, [{ index: 48, count: 3 }]);
  });

  test("are each in the bucket that they fit in, in order, and all of them", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 64, noNaN: true })), (sizes) => {
        const { schema, zeroCount, buckets } = fine(...sizes);
        const indexes = buckets.map(({ index }) => index);
        assert.deepEqual(
          indexes,
          [...indexes].sort((a, b) => a - b),
        );
        assert.equal(
          buckets.reduce((sum, { count }) => sum + count, zeroCount),
          sizes.length,
        );
        for (const { index, count } of buckets) {
          const [above, upTo] = [2 ** ((index - 1) / 2 ** schema), 2 ** (index / 2 ** schema)];
          const fitting = sizes.filter((size) => size > OPTIONS.smallest && size > above && size <= upTo);
          assert.equal(count, fitting.length);
        }
      }),
    );
  });

  test("are all counted, however many come between two looks", () => {
    const observations = new Observations(OPTIONS);
    for (let many = 1; many <= 100; many++) observations.observe(0.05);
    const { count, buckets, native } = observations.snapshot();
    assert.deepEqual([count, buckets[1]?.count, native?.buckets[0]?.count], [100, 100, 100]);
  });

  test("are shown as they were, whatever comes after", () => {
    const observations = new Observations(OPTIONS);
    observations.observe(0.5);
    const before = observations.snapshot();
    assert.equal(observations.snapshot(), before, "made once");
    observations.observe(0.5);
    assert.equal(before.count, 1);
    assert.equal(observations.snapshot().count, 2);
  });
});
