/**
 * The quick rows of the accuracy table (docs/ACCURACY.md): what a group says under a disturbance is what the kernel says that its
 * members carried while they were members, but for what the row explains, and no more than its bound.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Counts, counts, ZERO } from "../../bench/accuracy/counts.ts";
import { SummedIncrease } from "../../bench/accuracy/increase.ts";
import { hasRtmon, livesOf } from "../../bench/accuracy/link-records.ts";
import { difference, type Outcome, verdict } from "../../bench/accuracy/outcome.ts";
import { ROWS } from "../../bench/accuracy/rows.ts";
import { NO_NETNS } from "../support/netns.ts";

const KILLS = 2;

describe("a group's counters", { skip: NO_NETNS || (!hasRtmon() && "needs rtmon(8) of iproute2") }, () => {
  for (const row of ROWS.filter(({ quick }) => quick)) {
    test(row.title, async (t) => {
      const outcome = await row.run(t, { rivals: false, kills: KILLS });
      assert.deepEqual(outcome.faults, []);
      assert.ok(outcome.carried.receive_packets > 0n && outcome.carried.transmit_packets > 0n, "no traffic");
      assert.ok(outcome.scrapes > 5, `${outcome.scrapes} scrapes are too few to have seen anything`);
      if (outcome.bound === undefined) assert.deepEqual(difference(outcome), ZERO);
      else assert.notEqual(verdict(outcome), "wrong", `${JSON.stringify(texts(outcome))}`);
    });
  }
});

function texts({ carried, said, bound = ZERO }: Outcome): Record<string, string[]> {
  const all = { carried, said, bound };
  return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, Object.values(each).map(String)]));
}

const each = (n: number): Counts => counts(() => BigInt(n));

describe("the measure itself", () => {
  const outcome: Outcome = {
    carried: each(100),
    said: each(100),
    bound: undefined,
    rivals: [],
    faults: [],
    scrapes: 1,
    beginnings: 0,
    remarks: [],
  };

  test("takes nothing for right that is not the same, or missing within the bound", () => {
    assert.equal(verdict(outcome), "exact");
    assert.equal(verdict({ ...outcome, said: { ...each(100), transmit_packets: 99n } }), "wrong");
    assert.equal(verdict({ ...outcome, said: each(95), bound: each(5) }), "explained");
    assert.equal(verdict({ ...outcome, said: each(94), bound: each(5) }), "wrong");
    assert.equal(verdict({ ...outcome, said: each(101), bound: each(5) }), "wrong");
    assert.equal(verdict({ ...outcome, said: each(101), excess: each(1) }), "explained");
    assert.equal(verdict({ ...outcome, said: each(99), excess: each(1) }), "wrong");
    assert.equal(verdict({ ...outcome, faults: ["it fell"] }), "wrong");
  });

  test("grows as increase() does: from zero after a fall, the first sample of a series counts nothing", () => {
    const sums = new SummedIncrease();
    const sample = (samples: Record<string, number>): void => {
      sums.add(new Map(Object.entries(samples).map(([device, n]) => [device, each(n)])));
    };
    sample({ va: 1000, vb: 500 });
    sample({ va: 1010, vb: 505 });
    sample({ va: 1020 });
    sample({ va: 1030, vb: 7 });
    const { sumOfIncreases, increaseOfSum, falls } = sums.outcome("snmpd");
    assert.deepEqual(sumOfIncreases, each(30 + 5 + 7));
    assert.deepEqual(increaseOfSum, each(15 + 1020 + 17));
    assert.equal(falls, 1);
  });

  test("follows a link through renaming, its end and another of its name", () => {
    const record = (ifindex: number, name: string, n: number, gone = false) => ({
      gone,
      ifindex,
      name,
      counts: each(n),
    });
    const lives = livesOf([
      record(1, "va", 100),
      record(1, "va", 150),
      record(1, "vx", 160),
      record(1, "vx", 170, true),
      record(2, "va", 0),
    ]);
    assert.deepEqual(lives, [
      {
        names: ["va", "vx"],
        spans: [
          { name: "va", first: each(100), last: each(160) },
          { name: "vx", first: each(160), last: each(170) },
        ],
        gone: true,
      },
      { names: ["va"], spans: [{ name: "va", first: each(0), last: each(0) }], gone: false },
    ]);
  });
});
