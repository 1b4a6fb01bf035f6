/**
 * As many histories as you like:
 *
 *   npm run build && npx tsc -p tsconfig.test.json
 *   node .test-build/test/simulation/main.js --histories 1000000 --seed 1
 *   node .test-build/test/simulation/main.js --crashes 10000
 *
 * `--histories` counts histories, `--crashes` runs until that many programs were killed in the middle of a save or a start.
 * A failure prints its seed; `--histories 1 --seed N` repeats it.
 */

import { parseArgs } from "node:util";
import { emptyTally, simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    histories: { type: "string" },
    crashes: { type: "string" },
  },
});
const histories = Number(values.histories ?? (values.crashes === undefined ? 10_000 : Number.POSITIVE_INFINITY));
const crashes = Number(values.crashes ?? Number.POSITIVE_INFINITY);
const first = Number(values.seed);
const tally = emptyTally();
for (let seed = first; tally.histories < histories && tally.crashes < crashes; seed++) simulate(seed, tally);
process.stdout.write(`${JSON.stringify({ seeds: [first, first + tally.histories - 1], ...tally })}\n`);
