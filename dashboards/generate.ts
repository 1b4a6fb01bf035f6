/** Writes dashboards/generated/ anew: `npm run dashboards`. A test fails while the files there are not what this would write. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputs } from "./outputs.ts";

/** This file runs compiled, somewhere below the package. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

const dashboards = join(packageRoot(), "dashboards");
const generated = join(dashboards, "generated");
rmSync(generated, { recursive: true, force: true }); // nothing of a dashboard that is no more
for (const { path, text } of outputs(dashboards)) {
  mkdirSync(dirname(join(generated, path)), { recursive: true });
  writeFileSync(join(generated, path), text);
  process.stdout.write(`dashboards/generated/${path}\n`);
}
