/** The recorded traces: what was done, and beside it what the original answered. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { root } from "../support/root.ts";

function lines(folder: string, file: string): string[] {
  const bytes = readFileSync(root("test", "conformance", folder, file));
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
  return text.split("\n").slice(0, -1);
}

/** The files with what was done. */
export function tracesOf(folder: string): string[] {
  return readdirSync(root("test", "conformance", folder)).filter((file) => file.includes(".jsonl"));
}

/** What was done in one of them, line by line. */
export function traceOf(folder: string, file: string): string[] {
  return lines(folder, file);
}

/** @throws AssertionError at the first line that differs from the original's */
export function assertIdentical(folder: string, file: string, replay: (trace: string[]) => Iterable<string>): void {
  const trace = lines(folder, file);
  const expected = lines(folder, file.replace(".jsonl", ".out"));
  const actual = Array.from(replay(trace));
  const first = expected.findIndex((line, index) => line !== actual[index]);
  if (first >= 0) assert.equal(actual[first], expected[first], `${file} differs at line ${first + 1}: ${trace[first]}`);
  assert.equal(actual.length, expected.length, `${file}: as many lines as expected`);
}
