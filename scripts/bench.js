/**
 * Builds and runs a bench: `npm run bench -- NAME [arguments]`; without a name, lists them.
 *
 * A bench is a file bench/NAME.ts that exports `run(args)`. It prints what it measured and on what; it asserts nothing.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildTests, ROOT, TEST_OUTPUT } from "./build.js";

const names = readdirSync(join(ROOT, "bench"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .sort();

/** The first sentence of a bench's leading comment. @param {string} name */
function summary(name) {
  const text = readFileSync(join(ROOT, "bench", `${name}.ts`), "utf8");
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  return /^[^.:]*/.exec(comment.replaceAll(/\s*\n \* ?/g, " ").trim())?.[0] ?? "";
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  for (const each of names) console.log(`npm run bench -- ${each}\n    ${summary(each)}`);
} else if (!names.includes(name)) {
  console.error(`bench: there is no bench/${name}.ts; there are: ${names.join(", ")}`);
  process.exitCode = 2;
} else if (!buildTests()) {
  process.exitCode = 1;
} else {
  const bench = await import(pathToFileURL(join(ROOT, TEST_OUTPUT, "bench", `${name}.js`)).href);
  await bench.run(args);
}
