/** README.md says that no install script has to run: a fresh installation without them has all that the program loads. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { page } from "./pages.ts";

const COMMAND = "npm ci --ignore-scripts";

/** Calls a function of the C library, so that the binary has been found and loaded. */
const CALL = `console.log(require("koffi").load("libc.so.6").func("int getpid()")() === process.pid)`;

test("koffi works without its install script, as README.md says", { skip: process.platform !== "linux" }, (t) => {
  assert.ok(page("README.md").includes(`\`${COMMAND}\``), "README.md");
  const cwd = scratch(t);
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) copyFileSync(root(name), join(cwd, name));
  const [npm = "", ...args] = COMMAND.split(" ");
  execFileSync(npm, [...args, "--omit=dev", "--prefer-offline", "--no-audit"], { cwd, stdio: "ignore" });
  assert.equal(execFileSync(process.execPath, ["--eval", CALL], { cwd, encoding: "utf8" }), "true\n");
});
