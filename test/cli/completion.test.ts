/** The completion scripts in completions/ are those that the program prints, and the shells understand them. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { completion } from "#src/cli/completion.js";
import { root } from "../support/root.ts";
import { program } from "./program.ts";

const FILES = { bash: "ipmp-exporter.bash", zsh: "_ipmp-exporter", fish: "ipmp-exporter.fish" } as const;
const SHELLS = ["bash", "zsh", "fish"] as const;

const { UPDATE_GOLDEN } = process.env;

for (const shell of SHELLS) {
  describe(`the completion for ${shell}`, () => {
    const file = root("completions", FILES[shell]);

    test("is the one that ships", () => {
      const script = `${completion(shell).join("\n")}\n`;
      if (UPDATE_GOLDEN) writeFileSync(file, script);
      assert.equal(readFileSync(file, "utf8"), script);
    });

    test("is what the program prints", async () =>
      assert.equal((await program(["completion", shell])).stdout, readFileSync(file, "utf8")));

    const missing = spawnSync(shell, ["-c", "true"]).error !== undefined;
    test("is understood", { skip: missing && `${shell} is not installed` }, () => {
      const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });
  });
}

/** What bash offers when the last of the words is being completed. */
function offered(...words: readonly string[]): string[] {
  const script = `
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _ipmp_exporter
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const file = root("completions", FILES.bash);
  const output = execFileSync("bash", ["-c", script, "bash", file, "ipmp-exporter", ...words], { encoding: "utf8" });
  return output.split("\n").filter((word) => word !== "");
}

describe("bash offers", () => {
  test("commands first", () => assert.deepEqual(offered("o"), ["offline", "online"]));
  test("the daemon's flags without a command", () => assert.deepEqual(offered("--web.c"), ["--web.config.file"]));
  test("a command's own flags after it", () => assert.deepEqual(offered("ipmpstat", "--c"), ["--control.socket"]));
  test("the values that a flag has", () => assert.deepEqual(offered("--log.format", ""), ["logfmt", "json"]));
  test("them after an equals sign too", () => assert.deepEqual(offered("--log.format", "=", "j"), ["json"]));
  test("files where a file is meant", () =>
    assert.deepEqual(offered("check-config", root("package.js")), [root("package.json")]));
  test("shells after completion", () => assert.deepEqual(offered("completion", "f"), ["fish"]));
});
