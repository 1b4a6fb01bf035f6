import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Reloads } from "#src/daemon/process/reloads.js";
import { eventually } from "../support/wait.ts";

describe("reloads", () => {
  test("that are asked for together are one, and all get its outcome", async () => {
    let loads = 0;
    const reloads = new Reloads(() => {
      loads++;
      return Promise.resolve({ kind: "reloaded" });
    });
    const outcomes = await Promise.all(Array.from({ length: 150 }, () => reloads.request()));
    assert.equal(loads, 1);
    assert.ok(outcomes.every(({ kind }) => kind === "reloaded"));
  });

  test("begin at most once a second, and the outcome is that of a load after the question", async () => {
    let file = "first";
    const loaded: string[] = [];
    const begun: number[] = [];
    const reloads = new Reloads(() => {
      begun.push(performance.now());
      loaded.push(file);
      return Promise.resolve({ kind: "reloaded" });
    });
    await reloads.request();
    file = "second";
    const both = [reloads.request(), reloads.request()];
    assert.deepEqual(loaded, ["first"]);
    await Promise.all(both);
    assert.deepEqual(loaded, ["first", "second"]);
    assert.ok((begun[1] ?? 0) - (begun[0] ?? 0) >= 990, "a second lies between them");
  });

  test("wait for the end of the last, however long that takes", async () => {
    const ends: (() => void)[] = [];
    const reloads = new Reloads(async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return { kind: "reloaded" };
    });
    const first = reloads.request();
    await eventually(
      () => ends.length === 1,
      () => "the first has not begun",
    );
    const second = reloads.request();
    await sleep(1_200); // more than lies between two that are short
    assert.equal(ends.length, 1, "one at a time");
    ends[0]?.();
    await first;
    await eventually(
      () => ends.length === 2,
      () => "the second has not begun",
    );
    ends[1]?.();
    assert.deepEqual(await second, { kind: "reloaded" });
  });

  test("tell how the last one fared, and when one last succeeded", async () => {
    let right = true;
    const reloads = new Reloads(() =>
      Promise.resolve(right ? { kind: "reloaded" } : { kind: "refused", message: "wrong" }),
    );
    await reloads.request();
    const { successful, succeededMs } = reloads.state;
    assert.equal(successful, true);
    right = false;
    assert.deepEqual(await reloads.request(), { kind: "refused", message: "wrong" });
    assert.deepEqual(reloads.state, { successful: false, succeededMs });
  });

  test("that end by an error have not succeeded, and whoever asked gets the error", async () => {
    let isBroken = false;
    const reloads = new Reloads(() =>
      isBroken ? Promise.reject(new Error("broken")) : Promise.resolve({ kind: "reloaded" }),
    );
    await reloads.request();
    const { succeededMs } = reloads.state;
    isBroken = true;
    await assert.rejects(reloads.request(), /broken/);
    assert.deepEqual(reloads.state, { successful: false, succeededMs });
    isBroken = false;
    await reloads.request();
    assert.equal(reloads.state.successful, true);
  });
});
