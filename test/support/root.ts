/** Where this package lies: tests run compiled, so a path relative to the test file would point into the build. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

const ROOT = packageRoot();

/** An absolute path inside the package: `root("test", "fixtures", "net-dev.txt")`. */
export function root(...segments: readonly string[]): string {
  return join(ROOT, ...segments);
}
