/** The recorded traces, byte for byte: the engine does what the kernel did, in the same order. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { replay } from "#src/replay/replay.js";
import { assertIdentical, tracesOf } from "./recordings.ts";

describe("the quirks", () => {
  for (const file of tracesOf("quirks")) test(file, () => assertIdentical("quirks", file, (trace) => replay(trace, true)));
});

describe("the recorded histories", () => {
  for (const file of tracesOf("traces")) test(file, () => assertIdentical("traces", file, (trace) => replay(trace)));
});

test("there are recordings to compare with", () => {
  assert.equal(tracesOf("quirks").length, 18);
  assert.equal(tracesOf("traces").length, 30);
});
