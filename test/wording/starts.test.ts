/** Starts of the program among what happened: which of them are one line. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { foldStarts, startsOf } from "#src/wording/starts.js";

const started = { kind: "program-started", cause: "counters go on" };
const joined = { kind: "member-joined", cause: "start" };
const still = { kind: "group-state", cause: "b has no carrier", from: "degraded", to: "degraded" };
const atFirst = { ...still, from: undefined };
const failed = { kind: "member-state", cause: "link down", from: "active", to: "failed" };

/** Each line as the number of starts it stands for, of things found, and of things told before; or what it is. */
const folded = (...events: Parameters<typeof foldStarts>[0]) =>
  foldStarts(events).map((told) => {
    const { event, found, before } = told;
    return event.kind === "program-started" ? [startsOf(told).times, found.length, before.length] : event.kind;
  });

describe("starts of the program", () => {
  test("take in how things were found at them, and nothing that happened later", () =>
    assert.deepEqual(folded(started, joined, joined, failed, joined), [[1, 3, 0], "member-state"]));

  test("are one line when nothing else is in between; what they told again goes with them", () => {
    assert.deepEqual(folded(started, started, joined, started, joined, joined), [[3, 2, 2]]);
    assert.deepEqual(folded(started, atFirst, started, still, started, still), [[3, 0, 4], "group-state"]);
  });

  test("are lines of their own when something happened in between", () =>
    assert.deepEqual(folded(started, started, failed, started, started), [[2, 0, 1], "member-state", [2, 0, 1]]));

  test("know the first of those that they stand for", () => {
    const [first, last] = [
      { ...started, n: 1 },
      { ...started, n: 3 },
    ];
    const [line] = foldStarts([first, { ...still, n: 2 }, last]);
    assert.ok(line);
    assert.deepEqual(startsOf(line), { times: 2, first });
  });

  test("that nobody knows of any more leave what they found as it is", () =>
    assert.deepEqual(folded(joined, failed), ["member-joined", "member-state"]));
});
