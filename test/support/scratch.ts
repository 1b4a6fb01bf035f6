/** Folders for what a test writes. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hooks } from "./netns.ts";

const ATTEMPTS = 20;
const PAUSE_MS = 100;

const made = new Set<string>();

/**
 * A new folder, deleted when the test ends, and again when the process does. Deleting is tried several times: hooks run in the order in
 * which they were added, so a program that lives in the folder may still be there and write while it is emptied, or make it anew as it ends.
 */
export function scratch(hooks: Hooks): string {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-test-"));
  if (made.size === 0) process.once("exit", () => made.forEach(remove));
  made.add(folder);
  hooks.after(() => remove(folder));
  return folder;
}

/**
 * Deletes a folder into which somebody may still write. Node's own retries try again to remove a folder that is not empty, and do not
 * look again what is in it.
 */
export function remove(folder: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
