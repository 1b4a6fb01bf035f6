import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { systemClock } from "#src/daemon/process/clock.js";
import { schedule } from "#src/daemon/process/schedule.js";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const YEAR = 365 * DAY;
const NOW = Date.UTC(2026, 0, 31, 12, 0, 1);
const broken = new Error("the disk is on fire");

/** A schedule of every 15 seconds. The wall clock passes with the timers, and can be set without them. */
function everyFifteenSeconds(t: TestContext, run = (): unknown => undefined) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const wall = wallClock(t);
  const ran: string[] = [];
  const failures: unknown[] = [];
  const stop = schedule(
    "*/15 * * * * *",
    systemClock,
    () => {
      ran.push(new Date().toISOString().slice(11, 19));
      return run();
    },
    (error) => failures.push(error),
  );
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += SECOND) {
      wall.ms += SECOND;
      t.mock.timers.tick(SECOND);
    }
  };
  return { ran, failures, stop, pass, wall };
}

/** Replaces Date until the test ends. MockTimers' own Date holds the timers up when it is set back. */
function wallClock(t: TestContext): { ms: number } {
  const wall = { ms: NOW };
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [wall.ms] : given),
    get: (target, key, receiver) => (key === "now" ? () => wall.ms : Reflect.get(target, key, receiver)),
  });
  t.after(() => {
    globalThis.Date = RealDate;
  });
  return wall;
}

describe("a schedule", () => {
  test("runs at the times of its expression", async (t) => {
    const { ran, stop, pass } = everyFifteenSeconds(t);
    pass(60 * SECOND);
    assert.deepEqual(ran, ["12:00:15", "12:00:30", "12:00:45", "12:01:00"]);
    await stop();
    pass(60 * SECOND);
    assert.equal(ran.length, 4);
  });

  test("goes on when the clock is set back", (t) => {
    const { ran, pass, wall } = everyFifteenSeconds(t);
    pass(20 * SECOND);
    wall.ms -= DAY;
    pass(60 * SECOND);
    assert.ok(ran.length >= 4 && ran.length <= 6, `it ran at ${ran}`);
  });

  test("runs once when the clock is set ahead, by however much", (t) => {
    const { ran, pass, wall } = everyFifteenSeconds(t);
    pass(20 * SECOND);
    wall.ms += 50 * YEAR;
    pass(60 * SECOND);
    assert.ok(ran.length >= 4 && ran.length <= 6, `it ran at ${ran}`);
  });

  test("goes on after a run that fails, at once or later, and says so", async (t) => {
    for (const fail of [
      () => {
        throw broken;
      },
      () => Promise.reject(broken),
    ]) {
      await t.test(String(fail), async (t) => {
        const { ran, failures, stop, pass } = everyFifteenSeconds(t, fail);
        pass(30 * SECOND);
        await stop();
        assert.equal(ran.length, 2);
        assert.deepEqual(failures, [broken, broken]);
      });
    }
  });

  test("ends when its last run has", async (t) => {
    const order: string[] = [];
    const { stop, pass } = everyFifteenSeconds(t, async () => {
      await setImmediate();
      order.push("run");
    });
    pass(15 * SECOND);
    await stop();
    order.push("end");
    assert.deepEqual(order, ["run", "end"]);
  });
});
