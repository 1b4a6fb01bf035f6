/** `ipmp-exporter replay`, with a trace on its standard input. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";

/** Ends a program that hangs; the test then fails by its output. */
const DEADLINE_MS = 30_000;

function replay(args: readonly string[], ...trace: readonly object[]): string {
  const input = trace.map((op) => `${JSON.stringify(op)}\n`).join("");
  const command = [root("dist", "main.js"), "replay", ...args];
  return spawnSync(process.execPath, command, { input, encoding: "utf8", timeout: DEADLINE_MS }).stdout;
}

const ILL = { ill_mactype: 4, ill_type: 6, ill_mtu: 1500, ill_phys_addr: "" };
const ENGINE = [
  { op: "plumb", phyint: "n", ifindex: 1, v4: ILL },
  { op: "get_xmit_ill", ill: "n/v4", is_unicast: true },
];

describe("replay", () => {
  test("drives the engine, and leaves out the queries with -e", () => {
    assert.match(replay([], ...ENGINE), /ill_refhold/);
    assert.doesNotMatch(replay(["-e"], ...ENGINE), /ill_refhold/);
  });

  test("drives the probe machine with --probes", () =>
    assert.equal(
      replay(["--probes"], { op: "config", t: 0 }),
      '{"i":1,"op":"config","t":0,"ev":[],"ch":{},"draws":0,"alarm":20000000000}\n',
    ));
});
