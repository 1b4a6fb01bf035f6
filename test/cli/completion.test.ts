/** The completion scripts in completions/ are those that the program prints, and the shells understand them. */

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { completion } from "#src/cli/completion.js";
import { root } from "../support/root.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { program } from "./program.ts";
import { served } from "./served.ts";

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

const ODD = aSnapshot({
  groups: [
    {
      name: "wan",
      members: [{ device: "eth0" }, { device: "eth1", state: "offline", active: false }, { device: "$(reboot)" }],
    },
  ],
  links: ["eth0", "eth1", "$(reboot)", "lan1"].map((name, n) => ({ name, ifindex: 10 + n })),
});

/** What the program offers for the last word of a line. */
describe("names of the running daemon", () => {
  const ask = served(ODD);
  const names = async (kind: string, ...words: readonly string[]): Promise<string[]> => {
    const { status, stdout, stderr } = await program([
      ...["completion", `--names=${kind}`, "--", "ipmpstat", "--control.socket", ask.socket, ...words],
    ]);
    assert.deepEqual([status, stderr], [0, ""]);
    return stdout.split("\n").filter((line) => line !== "");
  };

  test("are those that the command can do something with", async () => {
    assert.deepEqual(await names("group", "w"), ["wan"]);
    assert.deepEqual(await names("member", "e"), ["eth0", "eth1"]);
    assert.deepEqual(await names("member-in-use", ""), ["$(reboot)", "eth0"]);
    assert.deepEqual(await names("member-offline", ""), ["eth1"]);
    assert.deepEqual(await names("member", "--without=eth1"), ["eth1"]);
  });

  test("are fields of the mode that the line has, each once", async () => {
    assert.deepEqual(await names("field", "-P", "-g", "-o", "GROUP"), ["GROUP", "GROUPNAME"]);
    assert.deepEqual(await names("field", "-gP", "-o", "GROUP,st"), ["GROUP,STATE"]);
    assert.deepEqual(await names("field", "-a", "-o", "ADDRESS,STATE,"), [
      "ADDRESS,STATE,GROUP",
      "ADDRESS,STATE,INBOUND",
      "ADDRESS,STATE,OUTBOUND",
    ]);
    assert.ok((await names("field", "-o", "")).includes("RTTAVG"), "of all modes where there is none yet");
  });

  test("are parts of a selector, one after the other", async () => {
    assert.deepEqual(await names("kstat", ""), ["ipmp:", "link:"]);
    assert.deepEqual(await names("kstat", "link:"), ["link:0:"]);
    assert.deepEqual(await names("kstat", "link:0:e"), ["link:0:eth0:", "link:0:eth1:"]);
    assert.deepEqual(await names("kstat", "link::lan*:rbytes"), ["link::lan*:rbytes", "link::lan*:rbytes64"]);
    assert.deepEqual(await names("kstat-module", "l"), ["link"]);
    assert.deepEqual(await names("kstat-statistic", "rbytes"), ["rbytes", "rbytes64"]);
    assert.deepEqual(await names("kstat", "/(/:"), [], "no pattern");
  });

  test("are none where no daemon answers, and nothing is said about it", async () => {
    const words = ["completion", "--names=group", "--", "status", "--control.socket", "=", "/nonexistent/socket", ""];
    assert.deepEqual(await program(words), { status: 0, stdout: "", stderr: "" });
  });

  const shells: readonly (readonly [string, string])[] = [
    ["offline ", "\\$\\(reboot\\) eth0"],
    ["online ", "eth1"],
    ["status w", "wan"],
    ["status --without eth", "eth0 eth1"],
    ["kstat link:0:la", "lan1:"],
    ["kstat link:0:lan1:rbytes6", "rbytes64"],
    ["ipmpstat -g -o GROUPN", "GROUPNAME"],
  ];
  for (const [line, expected] of shells) {
    test(`reach bash, quoted: ${line}`, async () => assert.equal((await atTab(line, ask.socket)).join(" "), expected));
  }
});

/** What a bash with the script would put in at Tab after that line. */
async function atTab(line: string, socket: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-completion-"));
  try {
    // The line has no room for the socket: the daemon of the test stands at the place where daemons are looked for.
    writeFileSync(
      join(folder, "ipmp-exporter"),
      `#!/bin/sh\nexec "${process.execPath}" "${root("dist", "main.js")}" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const script = `
      source "$1"; shift
      COMP_LINE="ipmp-exporter $1"; COMP_POINT=\${#COMP_LINE}
      # As readline does: a word ends at blanks, colons and equals signs, and the latter two are words.
      mapfile -t COMP_WORDS < <(sed 's/\\([:=]\\)/ \\1 /g; s/  */\\n/g' <<<"$COMP_LINE")
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _ipmp_exporter
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { PATH: `${folder}:${process.env["PATH"]}`, RUNTIME_DIRECTORY: dirname(socket) };
    const args = ["-c", script, "bash", root("completions", FILES.bash), line];
    // Not execFileSync: the daemon of the test is in this process.
    const { stdout } = await promisify(execFile)("bash", args, { env });
    return stdout.split("\n").filter((word) => word !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
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
