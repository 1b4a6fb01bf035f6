/** What a master is asked to register, as rows come and go and as it answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Registration } from "#src/exposition/snmp/view/registrations.js";
import { RegisteredRows } from "#src/snmp/registered-rows.js";

const PRIORITY = 127;

const row = (n: number): Registration => ({ subtree: [1, 3, n], rangeSubid: 0, upper: 0, priority: PRIORITY });

/** Follows these rows, and has the master answer what it is asked. @returns what it is asked: last number of the subtree and priority */
function ask(rows: RegisteredRows, wanted: readonly Registration[], how: "granted" | "duplicate" | "refused") {
  const { added } = rows.follow(wanted);
  for (const [name, one] of added) rows.answered(name, one, how);
  return Array.from(added.values(), ({ subtree, priority }) => [subtree.at(-1), priority]);
}

test("all rows are there once each is granted, and new ones are asked for alone", () => {
  const rows = new RegisteredRows();
  assert.equal(rows.isComplete, false, "nothing is wanted yet");
  const { added } = rows.follow([row(1), row(2)]);
  const [first, second] = [...added];
  assert.ok(first && second);
  rows.answered(...first, "granted");
  assert.equal(rows.isComplete, false);
  rows.answered(...second, "granted");
  assert.equal(rows.isComplete, true);
  assert.deepEqual(ask(rows, [row(1), row(2), row(3)], "granted"), [[3, PRIORITY]]);
  assert.equal(rows.isComplete, true);
  rows.clear();
  assert.equal(rows.isComplete, false);
});

test("rows that are gone are taken back, and what is left is complete", () => {
  const rows = new RegisteredRows();
  ask(rows, [row(1), row(2)], "granted");
  const { added, gone } = rows.follow([row(2)]);
  assert.equal(added.size, 0);
  assert.deepEqual([...gone.values()], [row(1)]);
  assert.equal(rows.isComplete, true);
});

test("what is refused is asked for again", () => {
  const rows = new RegisteredRows();
  assert.deepEqual(ask(rows, [row(1)], "refused"), [[1, PRIORITY]]);
  assert.deepEqual(ask(rows, [row(1)], "granted"), [[1, PRIORITY]]);
  assert.equal(rows.isComplete, true);
});

test("an answer to what has been taken back meanwhile grants and drops nothing", () => {
  for (const how of ["granted", "refused"] as const) {
    const rows = new RegisteredRows();
    const [late] = rows.follow([row(1)]).added;
    rows.follow([]);
    const [again] = rows.follow([row(1)]).added;
    assert.ok(late && again);
    rows.answered(...late, how);
    assert.equal(rows.isComplete, false, how);
    assert.equal(rows.follow([row(1)]).added.size, 0, `${how}: what was asked for again still is`);
    rows.answered(...again, "granted");
    assert.equal(rows.isComplete, true, how);
  }
});

test("a duplicate is of somebody else at first, and of our own broken session once all rows were there", () => {
  const rows = new RegisteredRows();
  ask(rows, [row(1)], "duplicate");
  assert.deepEqual(ask(rows, [row(1)], "granted"), [[1, PRIORITY]], "the master's own rows are not gone before");
  rows.clear();
  assert.deepEqual(ask(rows, [row(1)], "duplicate"), [[1, PRIORITY]]);
  assert.deepEqual(ask(rows, [row(1)], "duplicate"), [[1, PRIORITY - 1]]);
  assert.deepEqual(ask(rows, [row(1)], "granted"), [[1, PRIORITY - 2]]);
});
