/** The estimate of a round trip, against numbers worked out by hand and by in.mpathd. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { averageOf, deviationOf, type RoundTrip, UNKNOWN, withSample } from "#src/probing/round-trip.js";

/** The estimates after each of some samples in milliseconds: average, deviation, conservative. */
function estimates(samplesMs: readonly number[], leastMs = 0): number[][] {
  let estimate: RoundTrip = UNKNOWN;
  return samplesMs.map((sample) => {
    estimate = withSample(estimate, sample * 1_000_000, leastMs);
    return [estimate.average8, estimate.deviation4, estimate.conservativeMs];
  });
}

describe("the estimate of a round trip", () => {
  test("follows in.mpathd's arithmetic to the nanosecond", () =>
    assert.deepEqual(estimates([1, 2, 0.5, 0.5, 10]), [
      [8_000_000, 2_000_000, 3],
      [9_000_000, 2_500_000, 3],
      [8_375_000, 2_500_000, 3],
      [7_828_125, 2_421_875, 3],
      [16_849_610, 10_837_892, 12],
    ]));

  test("is zero on a quick LAN in the original, which means that none is known", () =>
    assert.deepEqual(estimates([0.1, 0.12, 0.09]), [
      [800_000, 200_000, 0],
      [820_000, 170_000, 0],
      [807_500, 140_000, 0],
    ]));

  test("is never less than a least one", () =>
    assert.deepEqual(
      estimates([0.1, 0.12, 10], 1).map(([, , conservative]) => conservative),
      [1, 1, 11],
    ));

  test("shows nothing before the first sample, and whole nanoseconds after it", () => {
    assert.deepEqual([averageOf(UNKNOWN), deviationOf(UNKNOWN)], [0, 0]);
    const estimate = withSample(UNKNOWN, 1_000_001, 0);
    assert.deepEqual([averageOf(estimate), deviationOf(estimate)], [1_000_001, 500_000]);
  });
});
