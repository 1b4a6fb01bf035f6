import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyTally, simulate } from "./simulate.ts";

/** SIMULATION_SEED repeats one; SIMULATION_HISTORIES sets how many. Millions: see main.ts. */
const first = Number(process.env["SIMULATION_SEED"] ?? 1);
const histories = Number(process.env["SIMULATION_HISTORIES"] ?? (process.env["SIMULATION_SEED"] ? 1 : 2_000));

test("counters never lie, whatever happens to the links, the program or the machine", (t) => {
  const tally = emptyTally();
  for (let seed = first; seed < first + histories; seed++) simulate(seed, tally);
  t.diagnostic(JSON.stringify(tally));
  assert.ok(tally.scrapes > 0, "something was published");
});
