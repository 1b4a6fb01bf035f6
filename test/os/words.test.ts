import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsOf } from "#src/os/words.js";

test("words of a structure are read in the machine's own order and in their size", () => {
  const long = wordsOf(BigUint64Array.of(7n, 2n ** 52n + 5n).buffer, 8);
  assert.deepEqual([long(0), long(1)], [7, 2 ** 52 + 5]);
  const short = wordsOf(Uint32Array.of(7, 2 ** 32 - 1).buffer, 4);
  assert.deepEqual([short(0), short(1)], [7, 2 ** 32 - 1]);
});
