import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fuzz } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** Inputs of each target; FUZZ_INPUTS and FUZZ_SEED try others, `npm run fuzz` many more. */
const INPUTS: Readonly<Record<string, number>> = {
  snmp: 8_000,
  agentx: 5_000,
  http: 400,
  config: 600,
  state: 400,
  netlink: 1_000,
};
const seed = Number(process.env["FUZZ_SEED"] ?? 20_262);

describe(`changed inputs (seed ${seed}) do no harm to`, () => {
  for (const [name, make] of Object.entries(TARGETS)) {
    const count = Number(process.env["FUZZ_INPUTS"] ?? INPUTS[name]);
    test(`${name}: ${count} of them`, async () => {
      const { inputs } = await fuzz(name, await make(), seed, (taken) => taken >= count);
      assert.equal(inputs, count);
    });
  }
});
