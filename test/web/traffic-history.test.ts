/** What the plots are drawn from: readings of the last minutes, hour and day, each with a bound. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import { groupKey, SPANS, TrafficHistories } from "#src/web/page/traffic-history.js";
import { aSnapshot, NOW } from "../support/snapshot.ts";
import { ask, serve } from "./client.ts";

const reading = (second: number, rbytes64: bigint) => {
  const at = hrtime(NOW + seconds(second));
  return aSnapshot({
    at,
    countersAt: at,
    groups: [{ name: "wan", members: [{ device: "eth0", current: { rbytes64 } }] }],
  });
};

describe("histories of traffic", () => {
  test("every span has its readings, no closer than it needs and no older than it shows", () => {
    const histories = new TrafficHistories();
    for (let second = 0; second <= 2 * 86_400; second += 5) histories.record(reading(second, BigInt(second) * 125n));
    for (const span of SPANS) {
      const points = histories.of(span.name).rates(groupKey("wan"));
      const [first, last] = [points[0], points.at(-1)];
      assert.ok(first && last);
      assert.ok(points.length > 55 && points.length < 150, `${span.name}: ${points.length} points`);
      assert.ok(points.every(({ from, to }) => to - from >= span.apartNs));
      assert.ok(last.to - first.to <= span.windowNs, "nothing is kept that is not shown");
      assert.ok(last.to - first.from >= span.windowNs - 5n * span.apartNs - 10_000_000_000n, "and everything that is");
      assert.deepEqual([...new Set(points.map(({ receive }) => Math.round(receive)))], [1000]);
    }
  });

  test("go on after a restart: rates over it where counters go on, and a gap where they began anew", () => {
    const before = new TrafficHistories();
    for (let second = 0; second <= 60; second += 5) before.record(reading(second, BigInt(second) * 125n));
    for (const goesOn of [true, false]) {
      const after = new TrafficHistories({ record: before.kept, goesOn });
      for (let second = 90; second <= 120; second += 5) after.record(reading(second, BigInt(second) * 125n));
      const points = after.shortest
        .rates(groupKey("wan"))
        .map(({ from, to, receive }) => [Number(from - NOW) / 1e9, Number(to - NOW) / 1e9, Math.round(receive)]);
      assert.equal(points.length, goesOn ? 19 : 18);
      assert.deepEqual(points[12], goesOn ? [60, 90, 1000] : [90, 95, 1000]);
      assert.deepEqual(points[0], [0, 5, 1000]);
    }
  });

  test("of thousands of links have readings further apart, which reach over the whole window all the same", () => {
    const history = new TrafficHistories().shortest;
    const names = Array.from({ length: 3_000 }, (_, n) => `eth${n}`);
    let taken = 0;
    for (let second = 0; second <= 400; second += 5) {
      const at = hrtime(NOW + seconds(second));
      if (!history.isDue(at)) continue;
      const members = names.map((device) => ({ device, current: { rbytes64: BigInt(second) } }));
      history.record(aSnapshot({ at, countersAt: at, groups: [{ name: "wan", members }] }));
      taken++;
    }
    const points = history.rates(groupKey("wan"));
    const [first, last] = [points[0], points.at(-1)];
    assert.ok(first && last && taken < 45, `${taken} readings`);
    assert.ok(last.to - first.from > (history.span.windowNs * 3n) / 4n);
  });

  test("a name that is no span is the shortest", () => {
    const histories = new TrafficHistories();
    for (const name of [undefined, "", "7d", "constructor"]) assert.equal(histories.of(name), histories.shortest);
  });
});

test("a group's own page shows the span that stands in the address, and leads to the others", async (context) => {
  const { port, world } = await serve(context);
  world.shared = reading(0, 0n);
  const spans = async (path: string) => {
    const { text } = await ask({ port, path });
    return [
      /Traffic of the last ([\w ]+): received/.exec(text)?.[1],
      ...[...text.matchAll(/href="\?span=(\w+)"/g)].map(([, name]) => name),
    ];
  };
  assert.deepEqual(await spans("/groups/wan"), ["5 minutes", "1h", "24h"]);
  assert.deepEqual(await spans("/groups/wan?span=24h"), ["24 hours", "5m", "1h"]);
  assert.deepEqual(await spans("/groups/wan?span=%3Cb%3E"), ["5 minutes", "1h", "24h"]);
});

test("the plot has a line at what could be carried without the largest member, once it comes near", async (context) => {
  const { port, world } = await serve(context);
  const busy = (second: number, rbytes64: bigint) => {
    const at = hrtime(NOW + seconds(second));
    const members = ["eth0", "eth1"].map((device) => ({ device, current: { rbytes64 } }));
    const links = ["eth0", "eth1"].map((name) => ({ name, speedBitsPerSecond: 1_000_000_000 }));
    return aSnapshot({ at, countersAt: at, groups: [{ name: "wan", members }], links });
  };
  const limits = async () => (await ask({ port, path: "/groups/wan" })).text.match(/class="limit"/g)?.length ?? 0;
  world.shared = busy(0, 0n);
  assert.equal(await limits(), 0);
  world.shared = busy(10, 1_000_000_000n);
  assert.equal(await limits(), 1);
});
