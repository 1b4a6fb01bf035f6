import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { capacityOf, countByState, countOfAllReasons } from "#src/daemon/snapshots/summary.js";
import type { MemberState } from "#src/snapshot/snapshot.js";
import { aLink } from "../support/snapshot.ts";

const member = (state: MemberState, speedBitsPerSecond: number | undefined) => ({
  state,
  link: aLink({ name: `${state}${speedBitsPerSecond}`, speedBitsPerSecond }),
});

describe("what a group could carry", () => {
  test("is the speeds of its usable members, with and without the fastest of them", () => {
    const members = [member("active", 10), member("active", 25), member("inactive", 40), member("active", 40)];
    assert.deepEqual(capacityOf(members), { bitsPerSecond: 115, withoutLargestBitsPerSecond: 75 });
  });

  test("does not count members that have failed or are offline, whether or not their speed is known", () => {
    const members = [member("active", 10), member("failed", 40), member("failed", undefined), member("offline", 25)];
    assert.deepEqual(capacityOf(members), { bitsPerSecond: 10, withoutLargestBitsPerSecond: 0 });
  });

  test("is not known while the speed of a usable member is not", () => {
    assert.equal(capacityOf([member("active", 10), member("inactive", undefined)]), undefined);
  });

  test("is nothing without members", () => {
    assert.deepEqual(capacityOf([]), { bitsPerSecond: 0, withoutLargestBitsPerSecond: 0 });
  });
});

test("every state is counted, those that nobody is in included", () => {
  const of = [{ state: "b" }, { state: "c" }, { state: "b" }] as const;
  assert.deepEqual(countByState(["a", "b", "c"], of), { a: 0, b: 2, c: 1 });
});

test("counts by reason add up to one", () => {
  assert.equal(countOfAllReasons({ link: 2n ** 60n, probe: 3n }), 2n ** 60n + 3n);
  assert.equal(countOfAllReasons({}), 0n);
});
