/** The probe traces' format: what a line answers, and lines that make no sense. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProbeReplay } from "#src/replay/probes/probe-replay.js";
import { traceOf, tracesOf } from "../../conformance/recordings.ts";

type Op = Readonly<Record<string, unknown>>;

const START = 1_000_000_000_000;
const GROUP: readonly Op[] = [
  { op: "config", t: START },
  { op: "plumb", if: "e0", group: "g", test: [4] },
  { op: "plumb", if: "e1", group: "g" },
];

function run(...ops: readonly Op[]): string[] {
  const replay = new ProbeReplay();
  return ops.map((op) => replay.next(JSON.stringify(op)));
}

function last(...ops: readonly Op[]): string {
  return run(...GROUP, ...ops).at(-1) ?? "";
}

describe("a line", () => {
  test("says the clock, what happened, what is different, the draws and the next alarm", () =>
    assert.equal(
      run(...GROUP.slice(0, 1))[0],
      '{"i":1,"op":"config","t":1000000000000,"ev":[],"ch":{},"draws":0,"alarm":1020000000000}',
    ));

  test("moves the clock forward and never back", () => {
    assert.match(last({ op: "time", t: START + 5 }), /"t":1000000000005,/);
    assert.match(last({ op: "time", t: START - 5 }), /"t":1000000000000,/);
  });

  test("of a dump shows every object in full, and of one that is gone null", () => {
    const lines = run(...GROUP, { op: "dump" }, { op: "unplumb", if: "e1" }, { op: "dump" });
    assert.match(lines[3] ?? "", /"e0":\{"group":"g",.*"e0\/v4":\{.*"e1":\{.*"group:g":\{"state":"ok",/);
    assert.match(lines[4] ?? "", /"e1":null,"e1\/v4":null/);
    assert.doesNotMatch(lines[5] ?? "", /e1/);
  });

  test("of run has the time of each alarm that fired, and stands at its end", () =>
    assert.match(
      last({ op: "run", until: START + 3_000_000_000 }),
      /"t":1003000000000,"ev":\[\["at",1000858000000\],\["tx",.*\["at",1002276000000\],/,
    ));

  test("of offline and undo has a result", () => {
    assert.match(last({ op: "offline", if: "e0", min: 2 }), /"res":"minred"/);
    assert.match(last({ op: "offline", if: "e0" }), /"res":"ok"/);
    assert.match(last({ op: "undo", if: "e0" }), /"res":"failure"/);
    assert.match(last({ op: "plumb", if: "x", group: "" }, { op: "offline", if: "x" }), /"res":"failure"/);
    assert.match(last({ op: "plumb", if: "x", group: "" }, { op: "undo", if: "x" }), /"res":"failure"/);
  });
});

const WRONG: readonly Op[] = [
  { op: "config", t: START },
  { op: "frobnicate" },
  { op: "plumb", if: "e0", group: "g" },
  { op: "plumb", if: "e/2", group: "g" },
  { op: "plumb", if: "e2", group: "g", flags: ["up"] },
  { op: "plumb", if: "e2", group: "g", test: [5] },
  { op: "unplumb", if: "e2" },
  { op: "unplumb", if: "e0", af: "4" },
  { op: "regroup", if: "e2", group: "g" },
  { op: "rmgroup", group: "g" },
  { op: "rmgroup", group: "h" },
  { op: "test", inst: "e0/v6", on: true },
  { op: "test", inst: "e0", on: true },
  { op: "test", inst: "e0/v4" },
  { op: "addr", if: "e2", up: true },
  { op: "link", set: [["e0"]] },
  { op: "link", set: ["e0"] },
  { op: "kflags", if: "e0", set: ["up"] },
  { op: "routers", list: [["e0", 4]] },
  { op: "routers", list: [7] },
  { op: "offline", if: "e0", min: -1 },
  { op: "undo", if: "e2" },
  { op: "send", inst: "e0/v4", mode: "loud" },
  { op: "seq", inst: "e0/v6", next: 1 },
  { op: "seq", inst: "e0/v4", next: 65_536 },
  { op: "random", values: [-1] },
  { op: "run", until: "later" },
  { op: "reply", inst: "e2/v4", kind: "uni", seq: 1, from: "a", ts: 0 },
  { op: "reply", inst: "e0/v4", kind: "uni", seq: 1, ts: 0 },
  { op: "alarm", t: -1 },
];

describe("a line that makes no sense", () => {
  for (const op of WRONG) {
    test(`draws an error and changes nothing: ${JSON.stringify(op)}`, () => {
      const [, , , error, after] = run(...GROUP, op, { op: "dump" });
      assert.match(error ?? "", /^\{"i":4,"op":"\w+","error":".+"\}$/);
      assert.equal(after, last({ op: "dump" }).replace('"i":4', '"i":5'));
    });
  }

  test("is one without an object, without an op, beyond ASCII, or before config", () => {
    const replay = new ProbeReplay();
    for (const line of ["", "{", "3", "[]", '{"op":7}', '{"op":"t\u00efme"}', '{"op":"time"}'])
      assert.match(replay.next(line), /"error":/, line);
  });
});

test("the same trace gives the same answers again", () => {
  const [first = ""] = tracesOf("probes/traces");
  const [one, other] = [0, 0].map(() => {
    const replay = new ProbeReplay();
    return traceOf("probes/traces", first).map((line) => replay.next(line));
  });
  assert.deepEqual(one, other);
});
