/** The recorded traces, byte for byte: the engine does what the kernel did, in the same order. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { replay } from "#src/replay/replay.js";
import { root } from "../support/root.ts";

function lines(folder: string, file: string): string[] {
  const bytes = readFileSync(root("test", "conformance", folder, file));
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  return text.split("\n").slice(0, -1);
}

function tracesOf(folder: string): string[] {
  return readdirSync(root("test", "conformance", folder)).filter((file) => file.includes(".jsonl"));
}

function replaysIdentically(folder: string, file: string, effectsOnly: boolean): void {
  const trace = lines(folder, file);
  const expected = lines(folder, file.replace(".jsonl", ".out"));
  const actual = Array.from(replay(trace, effectsOnly));
  const first = expected.findIndex((line, index) => line !== actual[index]);
  if (first >= 0) assert.equal(actual[first], expected[first], `${file} differs at line ${first + 1}: ${trace[first]}`);
  assert.equal(actual.length, expected.length, `${file}: as many lines as expected`);
}

describe("the quirks", () => {
  for (const file of tracesOf("quirks")) test(file, () => replaysIdentically("quirks", file, true));
});

describe("the recorded histories", () => {
  for (const file of tracesOf("traces")) test(file, () => replaysIdentically("traces", file, false));
});

test("there are recordings to compare with", () => {
  assert.equal(tracesOf("quirks").length, 18);
  assert.equal(tracesOf("traces").length, 30);
});
