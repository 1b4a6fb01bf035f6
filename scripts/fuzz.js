/**
 * Builds and fuzzes: `npm run fuzz -- NAME [--seconds=60 | --inputs=N] [--seed=N]`; without a name, says which there are.
 *
 * What is fuzzed and how is test/fuzz. An input that does harm is kept in test/fuzz/corpus and tried first from then on.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildTests, ROOT, TEST_OUTPUT } from "./build.js";

if (!buildTests()) {
  process.exitCode = 1;
} else {
  const { run } = await import(pathToFileURL(join(ROOT, TEST_OUTPUT, "test", "fuzz", "run.js")).href);
  process.exitCode = await run(process.argv.slice(2));
}
