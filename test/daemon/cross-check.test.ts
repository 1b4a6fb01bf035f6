/** Our sum of a group beside the system's own, over polls between which traffic flows and members come and go. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { CrossCheck } from "#src/daemon/groups/cross-check.js";
import { NET_COUNT, NET_INDEX } from "#src/kstat/net.js";

/** The 15 counters, of which two matter here: one of 64 bits and one of 32. */
function counters(bytes: bigint, multicast: bigint): BigUint64Array {
  const words = new BigUint64Array(NET_COUNT);
  words[NET_INDEX.rbytes64] = bytes;
  words[NET_INDEX.multircv] = multicast;
  return words;
}

/** A group of the system, and ours: what was added to the departed members' share is in `ours`. */
function aPair() {
  const check = new CrossCheck();
  const ours = { bytes: 0n, multicast: 0n };
  let wallMs = 0;
  const look = (bytes: bigint, multicast = bytes, members = "a b") => {
    const theirs = counters(bytes, BigInt.asUintN(32, multicast));
    const result = check.look(counters(ours.bytes, ours.multicast), theirs, members, ++wallMs);
    ours.bytes += result.missing[NET_INDEX.rbytes64] ?? 0n;
    ours.multicast += result.missing[NET_INDEX.multircv] ?? 0n;
    return result;
  };
  const count = (bytes: bigint) => {
    ours.bytes += bytes;
    ours.multicast += bytes;
  };
  return { check, ours, look, count };
}

describe("the cross-check of a group", () => {
  test("begins with what the system has counted until then", () => {
    const { check, ours, look } = aPair();
    look(5_000_000_000n, 7n);
    assert.deepEqual(ours, { bytes: 5_000_000_000n, multicast: 7n });
    assert.equal(check.agreesSinceMs, 1);
  });

  test("agrees while traffic flows between the reading of the group and that of its links", () => {
    const { check, ours, look, count } = aPair();
    let system = 1_000n;
    look(system);
    system += 40n; // before the links are read for the first time: nobody has counted it
    for (let poll = 0; poll < 10; poll++) {
      system += 100n;
      const seen = system;
      system += 10n;
      count(110n);
      look(seen);
    }
    assert.equal(check.disagreements, 0n);
    assert.equal(check.agreesSinceMs, 1);
    look(system);
    assert.equal(ours.bytes, system, "at rest both are the same");
  });

  test("finds a member that came and went between two polls, and takes the system's word", () => {
    const { check, ours, look, count } = aPair();
    look(1_000n);
    count(10n);
    look(1_010n);
    count(10n);
    const { isNews, contradicted } = look(1_500n); // 480 of them by somebody else
    assert.equal(isNews, true);
    assert.deepEqual(contradicted, ["rbytes64", "multircv"]);
    assert.equal(check.agreesSinceMs, undefined);
    assert.equal(ours.bytes, 1_500n);
    count(10n);
    look(1_510n);
    assert.equal(check.agreesSinceMs, 4, "since the look after it");
    assert.equal(check.disagreements, 1n);
  });

  test("does not follow a system whose counters fell, and says so", () => {
    const { check, ours, look, count } = aPair();
    look(1_000n);
    count(500n);
    look(1_500n);
    const { isNews } = look(600n);
    assert.equal(isNews, true);
    assert.equal(ours.bytes, 1_500n);
    assert.equal(look(600n).isNews, false, "told once");
    assert.equal(check.agreesSinceMs, undefined);
  });

  test("bears with a member that joins or leaves: what flowed around that moment is added", () => {
    const { check, ours, look, count } = aPair();
    look(1_000n);
    count(10n);
    look(1_010n);
    look(1_200n, 1_200n, "a"); // b had carried 190 since it was last read, and left
    assert.equal(check.disagreements, 0n);
    assert.equal(ours.bytes, 1_200n);
  });

  test("compares what has 32 bits modulo 2^32", () => {
    const { check, ours, look, count } = aPair();
    look(2n ** 32n - 10n);
    count(20n);
    look(2n ** 32n + 10n);
    assert.equal(check.disagreements, 0n);
    assert.equal(ours.multicast, 2n ** 32n + 10n);
  });

  test("never makes our sum more than the truth, nor lets it fall, whatever flows when", () => {
    const flow = fc.record({ beforeGroup: fc.nat(1_000), beforeLinks: fc.nat(1_000) });
    fc.assert(
      fc.property(fc.nat(10_000), fc.array(flow, { minLength: 1, maxLength: 20 }), (start, flows) => {
        const { check, ours, look, count } = aPair();
        let truth = BigInt(start);
        let read = truth; // what the links had when they were last read
        let before = 0n;
        for (const [n, { beforeGroup, beforeLinks }] of flows.entries()) {
          truth += BigInt(beforeGroup);
          const group = truth;
          truth += BigInt(beforeLinks);
          if (n > 0) count(truth - read);
          read = truth;
          look(group);
          assert.ok(ours.bytes <= truth && ours.bytes >= before);
          before = ours.bytes;
        }
        look(truth);
        assert.equal(ours.bytes, truth);
        assert.equal(check.disagreements, 0n);
      }),
    );
  });
});
