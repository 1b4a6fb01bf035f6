/** What the demo needs, and what to do about what is missing. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * @typedef {object} Lack
 * @property {string} what is missing
 * @property {string} remedy
 */

/**
 * The first thing that is missing, or undefined.
 * @param {string} program the compiled program
 * @returns {Lack | undefined}
 */
export function lack(program) {
  if (process.platform !== "linux") {
    return {
      what: `network namespaces, which only Linux has: this is ${process.platform}`,
      remedy: "run it on a Linux machine, or in a virtual one",
    };
  }
  if (process.getuid?.() !== 0) {
    return { what: "root, to make network namespaces and links", remedy: "run: sudo npm run demo" };
  }
  if (spawnSync("ip", ["-V"], { stdio: "ignore" }).error !== undefined) {
    return {
      what: "the command ip",
      remedy: "install iproute2 (Debian, Ubuntu, Alpine: package iproute2; Fedora: iproute)",
    };
  }
  if (!existsSync(program)) {
    return { what: `the compiled program ${program}`, remedy: "run: npm ci && npm run build" };
  }
  return undefined;
}
