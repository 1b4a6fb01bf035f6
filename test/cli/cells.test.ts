/** Text measured in a terminal's cells. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, clipCells, padCells, wrapCells } from "#src/cli/cells.js";

test("wide characters take two cells, combining ones none", () => {
  assert.deepEqual(["eth0", "日本", "é", ""].map(cellsOf), [4, 4, 1, 0]);
  assert.equal(padCells("日本", 6), "日本  ");
  assert.equal(padCells("toolong", 3), "toolong");
});

test("what is too wide ends with an ellipsis and is never wider than it may be", () => {
  assert.deepEqual(
    [clipCells("enp3s0f0", 8), clipCells("enp3s0f0", 7), clipCells("x", 0)],
    ["enp3s0f0", "enp3s0…", ""],
  );
  assert.equal(clipCells("日本語", 4), "日…");
});

test("lines are broken at spaces; only the last is clipped", () => {
  assert.deepEqual(wrapCells("a few words", 20, 2), ["a few words"]);
  assert.deepEqual(wrapCells("a few words", 5, 3), ["a few", "words"]);
  assert.deepEqual(wrapCells("a few words more", 5, 2), ["a few", "word…"]);
  assert.deepEqual(wrapCells("unbreakable", 5, 2), ["unbr…"]);
});
