/** The recorded probe traces, byte for byte: the machine does what in.mpathd did, in the same order. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProbeReplay } from "#src/replay/probes/probe-replay.js";
import { assertIdentical, tracesOf } from "./recordings.ts";

function replayProbes(trace: string[]): string[] {
  const replay = new ProbeReplay();
  return trace.map((line) => replay.next(line));
}

for (const folder of ["probes/quirks", "probes/traces"]) {
  describe(folder, () => {
    for (const file of tracesOf(folder)) test(file, () => assertIdentical(folder, file, replayProbes));
  });
}

test("there are recordings of probes to compare with", () => {
  assert.equal(tracesOf("probes/quirks").length, 67);
  assert.equal(tracesOf("probes/traces").length, 10);
});
