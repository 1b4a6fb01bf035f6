import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Reloads } from "#src/daemon/process/reloads.js";

describe("reloads", () => {
  test("that are asked for together are one, and all get its outcome", async () => {
    let loads = 0;
    const reloads = new Reloads(() => {
      loads++;
      return { kind: "reloaded" };
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
      return { kind: "reloaded" };
    });
    await reloads.request();
    file = "second";
    const both = [reloads.request(), reloads.request()];
    assert.deepEqual(loaded, ["first"]);
    await Promise.all(both);
    assert.deepEqual(loaded, ["first", "second"]);
    assert.ok((begun[1] ?? 0) - (begun[0] ?? 0) >= 990, "a second lies between them");
  });

  test("tell how the last one fared, and when one last succeeded", async () => {
    let right = true;
    const reloads = new Reloads(() => (right ? { kind: "reloaded" } : { kind: "refused", message: "wrong" }));
    await reloads.request();
    const { successful, succeededMs } = reloads.state;
    assert.equal(successful, true);
    right = false;
    assert.deepEqual(await reloads.request(), { kind: "refused", message: "wrong" });
    assert.deepEqual(reloads.state, { successful: false, succeededMs });
  });
});
