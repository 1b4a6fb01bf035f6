/**
 * Builds whenever a source changes, and runs the tests that its arguments select: `npm run watch -- kstat`.
 *
 * The arguments are those of `npm test`. Without any it only builds. It goes on until Ctrl-C.
 */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { ROOT, SOURCE_FOLDERS } from "./build.js";

/** An editor writes a file in several steps, and a branch switch many files: the build waits for so long a silence. */
const SILENCE_MS = 100;

/** Every folder that sources lie in, absolute. */
function folders() {
  const roots = SOURCE_FOLDERS.map((folder) => join(ROOT, folder)).filter((folder) => existsSync(folder));
  return roots.flatMap((folder) => [
    folder,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)),
  ]);
}

/**
 * Begins to watch at once, and is done when something has changed and nothing has for a while. Each call looks for the folders
 * anew, so that one that was made since the last call is watched too.
 * @returns {Promise<void>}
 */
function change() {
  return new Promise((resolve) => {
    /** @type {NodeJS.Timeout | undefined} */
    let silence;
    const end = () => {
      for (const watcher of watchers) watcher.close();
      resolve();
    };
    const changed = () => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS);
    };
    const watchers = folders().map((folder) => watch(folder, changed).on("error", changed));
  });
}

/** @param {readonly string[]} args of scripts/test.js @returns {Promise<void>} */
function buildAndTest(args) {
  const [script, ...options] = args.length === 0 ? ["build.js", "--tests"] : ["test.js", ...args];
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, "scripts", script), ...options], { stdio: "inherit" });
    child.on("close", (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`watch: ${code === 0 ? "done" : "failed"} (${seconds} s); waiting for a change`);
      resolve();
    });
  });
}

const args = process.argv.slice(2);
for (;;) {
  // Watched from before the build on, so that what changes while it runs is not missed.
  const next = change();
  await buildAndTest(args);
  await next;
}
