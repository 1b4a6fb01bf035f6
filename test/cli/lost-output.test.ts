/** Output that nobody takes: the exit status still says what came of the command. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import { root } from "../support/root.ts";

type Stream = "ignore" | "closed" | "full";

/** The exit status with standard output and error as they are said: on a full disk, or read by nobody. */
async function statusOf(t: TestContext, args: readonly string[], stdout: Stream, stderr: Stream) {
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  const of = { ignore: "ignore", closed: "pipe", full } as const;
  const child = spawn(process.execPath, [root("dist", "main.js"), ...args], {
    stdio: ["ignore", of[stdout], of[stderr]],
  });
  t.after(() => child.kill("SIGKILL"));
  child.stdout?.destroy();
  child.stderr?.destroy();
  return new Promise<number | null>((resolve) => child.on("exit", resolve));
}

const WRONG = ["check-config", "/nonexistent"];
const UNKNOWN = ["nosuch"];

describe("the exit status", () => {
  for (const stderr of ["closed", "full"] as const) {
    test(`says that a command failed, standard error being ${stderr}`, async (t) =>
      assert.equal(await statusOf(t, WRONG, "ignore", stderr), 1));
    test(`says that there is no such command, standard error being ${stderr}`, async (t) =>
      assert.equal(await statusOf(t, UNKNOWN, "ignore", stderr), 2));
  }

  test("is 0 when the reader of the output has what it wanted", async (t) =>
    assert.equal(await statusOf(t, ["help"], "closed", "closed"), 0));

  for (const args of [
    ["status", "--nosuch"],
    ["status", "-o", "xml"],
    ["status", "a", "b"],
    ["status", "--without"],
  ]) {
    test(`of ${args.join(" ")} is none that would be a state`, async (t) =>
      assert.equal(await statusOf(t, args, "ignore", "closed"), 3));
  }

  for (const stdout of ["closed", "full"] as const) {
    test(`of status is none that would be a state when its output is ${stdout}`, async (t) =>
      assert.equal(await statusOf(t, ["status", "--control.socket=/nonexistent"], stdout, "full"), 3));
  }

  test("is 1 when the disk for the output is full", async (t) =>
    assert.equal(await statusOf(t, ["help"], "full", "full"), 1));
});
