/** When probes are sent, and when verdicts fall, against tables that were worked out apart from the machine. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ORIGINAL } from "#src/probing/deviations.js";
import { EARLY, MUTE, Network, QUICK, REGULAR, SETTINGS } from "./network.ts";

/** Each send's share of the second half of the interval: 1.0 regular, 0.5 as early as can be; the first number starts the timer. */
const FACTORS: readonly (readonly [name: string, numbers: readonly number[], times: readonly number[]])[] = [
  ["1.0", [REGULAR], [0, 1428, 2856, 4284, 5712]],
  ["0.5", [EARLY], [0, 714, 2142, 3570, 4998]],
  ["1.0, 0.5", [REGULAR, EARLY], [0, 1428, 2142, 4284, 4998, 7140]],
  ["0.5, 1.0", [EARLY, REGULAR], [0, 714, 2856, 3570, 5712]],
];

/** A link whose timer starts now, with a router, and such a choice of random numbers. */
function network(numbers: readonly number[], deviations = ORIGINAL): Network {
  const one = new Network({ deviations });
  let [started, draw] = [false, 0];
  one.number = () => {
    if (started) return numbers[draw++ % numbers.length] ?? 0;
    started = true;
    return REGULAR;
  };
  return one.plumb("net1", { test: [] }).plumb("net0").route("net0", "10.0.0.1");
}

describe("probes are sent around regular times, half an interval early at most, and do not drift", () => {
  for (const [name, numbers, times] of FACTORS) {
    test(`factors ${name}`, () => {
      const one = network(numbers);
      const start = one.now;
      one.run(times.at(-1) ?? 0);
      // A timer that is due at once is due in a millisecond.
      const [first, ...others] = one.sent.map(({ sentAt }) => (sentAt - start) / 1_000_000);
      assert.deepEqual([(first ?? 0) - 1, ...others], times);
    });
  }

  test("never closer than half an interval and never further apart than one and a half", () => {
    const one = network([3, 700, 12, 90_001, 77, 1428, 0, 65_537, 5, 8191]);
    one.run(1_000_000);
    const gaps = one.sent.slice(2).map(({ sentAt }, index) => sentAt - (one.sent[index + 1]?.sentAt ?? 0));
    assert.ok(Math.min(...gaps) >= 714e6 && Math.max(...gaps) <= 2142e6, `${Math.min(...gaps)} ${Math.max(...gaps)}`);
  });

  test("those that were due while nobody called are counted and left out", () => {
    const one = network([REGULAR]);
    one.run(3000);
    one.told();
    one.sent.length = 0;
    one.now += 10_000e6;
    one.step();
    assert.deepEqual(one.told(), ["missed net0/v4"]);
    assert.equal(one.sent.length, 1);
  });

  test("a program that is late each time, by more than an interval, probes all the same and finds a failure", () => {
    const one = new Network().plumb("net0").plumb("net1");
    one.route("net0", "10.0.0.1").route("net1", "10.0.0.1").run(60_000);
    one.wire = (packet) => (packet.interface === "net0" ? [] : QUICK(packet));
    for (let turn = 0; turn < 60; turn++) {
      one.now += 3000e6;
      one.step();
      one.run(1); // the answers
    }
    assert.deepEqual([one.state("net0"), one.state("net1")], ["failed FAILED", "running"]);
  });

  test("links that come up together are not probed together", () => {
    const one = new Network();
    let number = 1;
    one.number = () => {
      number = (number * 16_807) % 2_147_483_647;
      return number;
    };
    for (let index = 0; index < 64; index++) one.plumb(`net${index}`).route(`net${index}`, `10.0.${index}.1`);
    one.run(60_000);
    one.sent.length = 0;
    one.run(1428);
    const times = new Set(one.sent.map(({ sentAt }) => Math.floor(sentAt / 1e6)));
    assert.ok(one.sent.length > 32 && times.size > one.sent.length / 2, `${one.sent.length} at ${times.size}`);
  });
});

/** The eleventh to the twentieth probe are lost: when the tenth's successor was sent, FAILED, when the first answer came, RUNNING again. */
const VERDICTS: readonly (readonly [
  name: string,
  numbers: readonly number[],
  slowMs: number,
  ...times: readonly [number, number, number, number],
])[] = [
  ["1.0, round trip none", [REGULAR], 0.1, 14_280, 21_420, 28_560, 42_840],
  ["1.0, round trip 3 ms", [REGULAR], 1, 14_280, 21_420, 28_560, 42_840],
  ["0.5, round trip none", [EARLY], 0.1, 13_566, 20_706, 27_846, 42_126],
  ["0.5, round trip 3 ms", [EARLY], 1, 13_566, 20_706, 27_846, 42_126],
  ["1.0 0.5, round trip none", [REGULAR, EARLY], 0.1, 13_566, 21_420, 27_846, 42_126],
  ["1.0 0.5, round trip 3 ms", [REGULAR, EARLY], 1, 13_566, 21_420, 27_846, 42_126],
  ["0.5 1.0, round trip none", [EARLY, REGULAR], 0.1, 14_280, 22_848, 28_560, 42_840],
  ["0.5 1.0, round trip 3 ms", [EARLY, REGULAR], 1, 14_280, 20_706, 28_560, 42_840],
];

describe("ten probes lost in a row make a failure after five, and a repair ten answers later", () => {
  for (const [name, numbers, roundTripMs, ...expected] of VERDICTS) {
    test(`factors ${name}`, () => {
      const one = network(numbers);
      const start = one.now;
      const times: number[] = [];
      const note = () => times.push((one.now - start) / 1_000_000);
      one.wire = ({ sequence, target }) => {
        if (sequence === 11 || sequence === 21) note();
        return sequence > 10 && sequence <= 20 ? [] : [[target ?? "", roundTripMs]];
      };
      one.watch = ({ kind }) => void ((kind === "failure" || kind === "repair") && note());
      one.run(50_000);
      assert.deepEqual(times, expected);
    });
  }
});

test("a cut is found within the failure detection time and half an interval", () => {
  for (let cut = 0; cut < 100; cut++) {
    const one = network([cut * 7919, cut * 104_729, 13, 500 + cut], SETTINGS.deviations).run(50_000 + cut * 31);
    one.wire = MUTE;
    const from = one.milliseconds;
    one.until(() => one.phyint("net0").state === "failed");
    assert.ok(one.milliseconds - from <= 10_000 + 714, `${one.milliseconds - from} ms`);
    one.wire = QUICK;
  }
});
