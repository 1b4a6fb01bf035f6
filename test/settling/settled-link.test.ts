import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Schema } from "#src/kstat/schema.js";
import type { CounterBits } from "#src/settling/counter-width.js";
import { RESET_REASONS } from "#src/settling/reset-reason.js";
import { SettledLink } from "#src/settling/settled-link.js";

const schema = new Schema([
  { name: "rbytes64", type: "uint64" },
  { name: "ipackets64", type: "uint64" },
]);

const words = (...values: bigint[]) => BigUint64Array.from(values);

/** A link of bytes and packets. Time moves only by what a reading says. */
function aLink(
  first: readonly [bigint, bigint],
  told: {
    readonly bits?: CounterBits | readonly CounterBits[];
    readonly speed?: number;
    readonly counters?: BigUint64Array;
  } = {},
) {
  const link = new SettledLink({ schema, bits: told.bits ?? 64 }, words(...first), 0n, told.counters);
  let at = 0n;
  const read = (bytes: bigint, packets: bigint, seconds = 1) => {
    at += BigInt(seconds) * 1_000_000_000n;
    return link.read(words(bytes, packets), { at, speedBitsPerSecond: told.speed });
  };
  const atLeast = (bytes: bigint, packets: bigint, seconds = 1) => {
    at += BigInt(seconds) * 1_000_000_000n;
    link.atLeast(words(bytes, packets), { at, speedBitsPerSecond: told.speed });
  };
  return { read, settled: () => [...link.counters], atLeast };
}

describe("a settled link", () => {
  test("starts where the link stands and follows it", () => {
    const { read, settled } = aLink([100n, 5n]);
    assert.equal(read(130n, 6n), undefined);
    assert.deepEqual(settled(), [130n, 6n]);
  });

  test("adds what was carried since all counters began again", () => {
    const { read, settled } = aLink([100n, 5n]);
    assert.equal(read(30n, 1n), "restart");
    assert.deepEqual(settled(), [130n, 6n]);
    read(31n, 1n);
    assert.deepEqual(settled(), [131n, 6n]);
  });

  test("neither jumps nor falls when one counter falls and another grows", () => {
    const { read, settled } = aLink([100n, 1_000_000n]);
    assert.equal(read(150n, 999_999n), "fell");
    assert.deepEqual(settled(), [150n, 1_000_000n]);
    read(150n, 1_000_009n);
    assert.deepEqual(settled(), [150n, 1_000_010n]);
  });

  test("takes a fall of its only 32-bit counter for a wrap, and that of one with 64 bits beside it for a new beginning", () => {
    const bits = [64, 32] as const;
    const wrapped = aLink([100n, 4_294_967_290n], { bits, speed: 1e9 });
    assert.equal(wrapped.read(200n, 10n), undefined);
    assert.deepEqual(wrapped.settled(), [200n, 4_294_967_306n]);
    const reset = aLink([4_294_967_200n, 4_294_967_290n], { bits, speed: 1e9 });
    assert.equal(reset.read(10n, 10n, 60), "restart");
    assert.deepEqual(reset.settled(), [4_294_967_210n, 4_294_967_300n]);
  });

  test("takes the larger of what an event says and what was read since", () => {
    const { read, settled, atLeast } = aLink([100n, 5n]);
    read(200n, 9n);
    atLeast(150n, 10n); // of the moment of the event, which is past
    assert.deepEqual(settled(), [200n, 10n]);
  });

  test("keeps what a deleted veth received although its last message says 0", () => {
    const { read, settled, atLeast } = aLink([0n, 0n]);
    read(3_126_866n, 40n);
    atLeast(0n, 41n);
    assert.deepEqual(settled(), [3_126_866n, 41n]);
  });

  test("counts nothing twice when an event of before a reset is heard of after it", () => {
    const { read, settled, atLeast } = aLink([100n, 5n]);
    assert.equal(read(8n, 1n), "restart");
    atLeast(99n, 5n);
    assert.deepEqual(settled(), [108n, 6n]);
    read(9n, 2n);
    atLeast(12n, 3n);
    assert.deepEqual(settled(), [112n, 8n]);
  });

  test("goes on from an earlier run's counters, which rest on other numbers", () => {
    const { read, settled } = aLink([30n, 1n], { counters: words(130n, 6n) });
    assert.equal(read(40n, 2n), undefined);
    assert.deepEqual(settled(), [140n, 7n]);
  });

  test("passes 2^63 and wraps at 2^64 like the kernel's word", () => {
    const top = 2n ** 64n - 1n;
    const { read, settled } = aLink([top - 1n, 0n]);
    read(top, 1n);
    assert.deepEqual(settled(), [top, 1n]);
    assert.equal(read(9n, 2n), undefined);
    assert.deepEqual(settled(), [9n, 2n]);
  });
});

describe("a reading that no link can have carried", () => {
  test("is passed over and said once", () => {
    const { read, settled } = aLink([100n, 5n]);
    const allOnes = 2n ** 64n - 1n;
    assert.equal(read(allOnes, 6n), "jumped");
    assert.equal(read(allOnes, 7n), undefined);
    assert.deepEqual(settled(), [100n, 7n]);
    assert.equal(read(130n, 8n), undefined);
    assert.deepEqual(settled(), [130n, 8n]);
    assert.equal(read(allOnes, 9n), "jumped");
  });

  test("is passed over in an event", () => {
    const { settled, atLeast } = aLink([100n, 5n]);
    atLeast(2n ** 64n - 1n, 6n);
    assert.deepEqual(settled(), [100n, 6n]);
  });
});

describe("a fall of a 32-bit counter", () => {
  const TOP = 2n ** 32n;
  const gigabit = 1_000_000_000;

  test("is a turn where the link is fast enough for it", () => {
    const { read, settled } = aLink([TOP - 1_000n, 7n], { bits: 32, speed: gigabit });
    assert.equal(read(50_000_000n, 40_000n), undefined);
    assert.deepEqual(settled(), [TOP + 50_000_000n, 40_000n]);
  });

  test("is a turn even while all other counters rest", () => {
    const { read, settled } = aLink([TOP - 1_000n, 7n], { bits: 32, speed: gigabit });
    assert.equal(read(500n, 7n), undefined);
    assert.deepEqual(settled(), [TOP + 500n, 7n]);
  });

  test("is a reset where the link is too slow for a turn", () => {
    const { read, settled } = aLink([TOP / 2n, 70_000n], { bits: 32, speed: 10_000_000 });
    assert.equal(read(1_000n, 1n), "restart");
    assert.deepEqual(settled(), [TOP / 2n + 1_000n, 70_001n]);
  });

  test("is a reset when packets fall with the bytes and cannot have turned", () => {
    const { read, settled } = aLink([TOP - 1_000n, 70_000n], { bits: 32, speed: gigabit });
    assert.equal(read(500n, 1n), "restart");
    assert.deepEqual(settled(), [TOP - 500n, 70_001n]);
  });

  test("needs the time: the same fall is a turn a minute later", () => {
    const quick = aLink([TOP - 1_000n, 7n], { bits: 32, speed: 100_000_000 });
    assert.equal(quick.read(50_000_000n, 40_000n, 1), "fell");
    const slow = aLink([TOP - 1_000n, 7n], { bits: 32, speed: 100_000_000 });
    assert.equal(slow.read(50_000_000n, 40_000n, 60), undefined);
  });

  test("is one turn and said when there was time for more", () => {
    const { read, settled } = aLink([TOP - 1_000n, 7n], { bits: 32, speed: gigabit });
    assert.equal(read(50_000_000n, 40_000n, 60), "ambiguous");
    assert.deepEqual(settled(), [TOP + 50_000_000n, 40_000n]);
  });

  test("is, without a known speed, a turn only if it went on by less than half a turn while others grew", () => {
    const turn = aLink([TOP - 1_000n, 7n], { bits: 32 });
    assert.equal(turn.read(50_000_000n, 40_000n), undefined);
    assert.deepEqual(turn.settled(), [TOP + 50_000_000n, 40_000n]);
    const far = aLink([TOP / 4n, 7n], { bits: 32 });
    assert.equal(far.read(1n, 8n), "fell");
    assert.deepEqual(far.settled(), [TOP / 4n, 8n]);
    const alone = aLink([TOP - 1_000n, 7n], { bits: 32 });
    assert.equal(alone.read(500n, 7n), "restart");
    assert.deepEqual(alone.settled(), [TOP - 500n, 7n]);
  });

  test("is a turn too when the others grew by an event just before", () => {
    const { read, settled, atLeast } = aLink([TOP - 1_000n, 7n], { bits: 32 });
    atLeast(500n, 9n);
    assert.equal(read(500n, 9n), undefined);
    assert.deepEqual(settled(), [TOP + 500n, 9n]);
  });

  test("is a turn in an event too, so that who leaves takes along what it carried", () => {
    for (const told of [{ bits: 32 }, { bits: 32, speed: gigabit }] as const) {
      const { settled, atLeast } = aLink([TOP - 1_000n, 7n], told);
      atLeast(500n, 9n);
      assert.deepEqual(settled(), [TOP + 500n, 9n]);
      atLeast(400n, 8n); // of a moment before
      assert.deepEqual(settled(), [TOP + 500n, 9n]);
    }
  });

  test("is not looked for in a counter that has been above 32 bits", () => {
    const { read, settled } = aLink([TOP * 3n - 1n, 7n], { bits: 32, speed: gigabit });
    assert.equal(read(5n, 8n), "fell");
    assert.deepEqual(settled(), [TOP * 3n - 1n, 8n]);
  });
});

test("every reason says what it is and what is counted", () => {
  for (const { cause, counted } of Object.values(RESET_REASONS)) assert.ok(cause.length > 10 && counted.length > 5);
});
