import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SettledLink } from "#src/settling/settled-link.js";

const words = (...values: bigint[]) => BigUint64Array.from(values);
const settled = (link: SettledLink) => [...link.counters];

describe("a settled link", () => {
  test("starts where the link stands and follows it", () => {
    const link = new SettledLink(words(100n, 5n));
    assert.equal(link.read(words(130n, 6n)), undefined);
    assert.deepEqual(settled(link), [130n, 6n]);
  });

  test("adds what was carried since all counters began again", () => {
    const link = new SettledLink(words(100n, 5n));
    assert.equal(link.read(words(30n, 1n)), "restart");
    assert.deepEqual(settled(link), [130n, 6n]);
    link.read(words(31n, 1n));
    assert.deepEqual(settled(link), [131n, 6n]);
  });

  test("neither jumps nor falls when one counter falls and another grows", () => {
    const link = new SettledLink(words(100n, 1_000_000n));
    assert.equal(link.read(words(150n, 999_999n)), "fell");
    assert.deepEqual(settled(link), [150n, 1_000_000n]);
    link.read(words(150n, 1_000_009n));
    assert.deepEqual(settled(link), [150n, 1_000_010n]);
  });

  test("takes the larger of what an event says and what was read since", () => {
    const link = new SettledLink(words(100n, 5n));
    link.read(words(200n, 9n));
    link.atLeast(words(150n, 10n)); // of the moment of the event, which is past
    assert.deepEqual(settled(link), [200n, 10n]);
  });

  test("keeps what a deleted veth received although its last message says 0", () => {
    const link = new SettledLink(words(0n, 0n));
    link.read(words(3_126_866n, 40n));
    link.atLeast(words(0n, 41n));
    assert.deepEqual(settled(link), [3_126_866n, 41n]);
  });

  test("goes on from an earlier run's counters, which rest on other numbers", () => {
    const link = new SettledLink(words(30n, 1n), words(130n, 6n));
    assert.equal(link.read(words(40n, 2n)), undefined);
    assert.deepEqual(settled(link), [140n, 7n]);
  });

  test("passes 2^63 and wraps at 2^64 like the kernel's word", () => {
    const top = 2n ** 64n - 1n;
    const link = new SettledLink(words(top - 1n));
    link.read(words(top));
    assert.deepEqual(settled(link), [top]);
  });
});
