/** Folders for what a test writes. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hooks } from "./netns.ts";

/**
 * A new folder, deleted when the test ends. Deleting is tried several times: hooks run in the order in which they were added, so
 * a program that lives in the folder may still be there and write while it is emptied.
 */
export function scratch(hooks: Hooks): string {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
  hooks.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}
