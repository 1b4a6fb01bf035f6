import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyTally, live } from "./history.ts";

/** SIMULATION_SEED repeats one; SIMULATION_HISTORIES sets how many: three hundred are a million probes. */
const first = Number(process.env["SIMULATION_SEED"] ?? 1);
const histories = Number(process.env["SIMULATION_HISTORIES"] ?? (process.env["SIMULATION_SEED"] ? 1 : 30));

test("the probe machine keeps its rules, whatever happens to links, targets, packets and the program", (t) => {
  const tally = emptyTally();
  for (let seed = first; seed < first + histories; seed++) live(seed, tally);
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.failures > 0 && tally.repairs > 0 && tally.probes > 0, "something happened");
});
