/** `npm run fuzz -- NAME [--seconds=60 | --inputs=N] [--seed=N]`: one target for that long or that often, from a seed that it prints. */

import { parseArgs } from "node:util";
import { TARGETS } from "./targets.ts";
import { fuzz } from "./target.ts";

/** Exit status: 0 no harm was done, 1 an input did harm, 2 usage. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seconds: { type: "string" }, inputs: { type: "string" }, seed: { type: "string" } },
  });
  const [name = ""] = positionals;
  const make = TARGETS[name];
  const seconds = Number(values.seconds ?? (values.inputs === undefined ? 60 : Infinity));
  const inputs = Number(values.inputs ?? Infinity);
  const seed = Number(values.seed ?? 1 + Math.floor(Math.random() * (2 ** 31 - 2)));
  if (
    make === undefined ||
    positionals.length !== 1 ||
    !(seconds > 0) ||
    !(inputs > 0) ||
    !Number.isInteger(seed) ||
    seed < 1
  ) {
    console.error(`fuzz: expected one of ${Object.keys(TARGETS).join(", ")}, and --seconds=N, --inputs=N, --seed=N`);
    return 2;
  }
  const target = await make();
  const end = performance.now() + seconds * 1000;
  try {
    const outcome = await fuzz(name, target, seed, (taken) => taken >= inputs || performance.now() > end);
    const rate = Math.round(outcome.inputs / outcome.seconds);
    console.log(`${name}: ${outcome.inputs} inputs of seed ${seed}, ${rate} a second, no harm; ${outcome.summary}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
