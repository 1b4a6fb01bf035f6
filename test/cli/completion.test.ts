/** The completion scripts in completions/ are those that the program prints, and the shells understand them. */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { completion } from "#src/cli/completion.js";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { NO_TMUX, Tmux } from "../support/tmux.ts";
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

    test("is understood", { skip: missingShell(shell) }, () => {
      const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });
  });
}

/** Names with what shells end words at. */
const DOMAINS = [
  { kind: "link", domain: "eth0" },
  { kind: "card", domain: "0000:3b:00" },
  { kind: "switch", domain: "02:aa:00:00:00:01" },
] as const;

const ODD = aSnapshot({
  groups: [
    {
      name: "wan",
      members: [
        { device: "eth0", domains: DOMAINS },
        { device: "eth1", state: "offline", active: false },
        { device: "$(reboot)" },
      ],
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
    assert.deepEqual(await names("thing", "e"), ["eth0", "eth1"]);
    assert.deepEqual(await names("thing", "s"), ["switch=02:aa:00:00:00:01"]);
    assert.deepEqual(await names("member-in-use", ""), ["$(reboot)", "eth0"]);
    assert.deepEqual(await names("member-offline", ""), ["eth1"]);
    assert.deepEqual(await names("thing", "--without=eth1"), ["eth1"]);
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
    const words = ["completion", "--names=group", "--", "status", "--control.socket", "/nonexistent/socket", ""];
    assert.deepEqual(await program(words), { status: 0, stdout: "", stderr: "" });
  });

  /** A line, and what the shell offers for its end: bash for what follows the last colon or equals sign, the others, sorted, for the whole word. */
  const lines: readonly (readonly [line: string, bash: string, words: string])[] = [
    ["offline ", "\\$\\(reboot\\) eth0", "$(reboot) eth0"],
    ["online ", "eth1", "eth1"],
    ["status w", "wan", "wan"],
    ["status --without eth", "eth0 eth1", "eth0 eth1"],
    ["status --without=eth", "eth0 eth1", "eth0 eth1"],
    ["status --without car", "card=0000:3b:00", "card=0000:3b:00"],
    ["status --without card=0000:3", "3b:00", "card=0000:3b:00"],
    ["status --without=switch=02:a", "aa:00:00:00:01", "switch=02:aa:00:00:00:01"],
    ["kstat link:0:la", "lan1:", "link:0:lan1:"],
    ["kstat link:0:lan1:rbytes6", "rbytes64", "link:0:lan1:rbytes64"],
    ["ipmpstat -g -o GROUPN", "GROUPNAME", "GROUPNAME"],
    // What needs no daemon.
    ["o", "offline online", "offline online"],
    ["--web.c", "--web.config.file", "--web.config.file"],
    ["ipmpstat --c", "--control.socket", "--control.socket"],
    ["--log.format ", "logfmt json", "json logfmt"],
    ["--log.format=j", "json", "json"],
    [`check-config ${root("package.js")}`, root("package.json"), root("package.json")],
    ["completion f", "fish", "fish"],
  ];
  for (const [line, inBash, words] of lines) {
    test(`reach bash, quoted: ${line}`, async (t) =>
      assert.equal((await inBashAt(t, line, ask.socket)).join(" "), inBash));
    test(`reach fish: ${line}`, { skip: missingShell("fish") }, async (t) =>
      assert.equal((await inFishAt(t, line, ask.socket)).join(" "), words),
    );
  }

  test("reach zsh", { skip: missingShell("zsh") || NO_TMUX }, async (t) => {
    const zsh = await Tmux.start(t, { ...environment(t, ask.socket), PROMPT: "> " });
    zsh.keys("exec zsh -f", "Enter");
    await zsh.shows(/^>$/m);
    zsh.keys(`fpath=(${root("completions")} $fpath); autoload -Uz compinit; compinit -u -D; echo ready`, "Enter");
    await zsh.shows(/^ready\n>$/m);
    for (const [line, , words] of lines) {
      zsh.keys("C-u", "C-l");
      zsh.keys("-l", `ipmp-exporter ${line}`);
      zsh.keys("Tab");
      // One that is alone is put in; several are listed below. What shells quote may stand there in quotes.
      await zsh.shows(new RegExp(words.replaceAll(/\W+/g, "\\W.*?"), "s"));
    }
  });
});

function missingShell(shell: string): string | false {
  return (
    spawnSync(shell, ["-c", "true"]).error !== undefined &&
    `not installed (scripts/install-test-tools does it): ${shell}`
  );
}

/** Of a shell that finds the built program by its name, and the daemon of the test where daemons are looked for: a line has no room for the socket. */
function environment(t: TestContext, socket: string): Record<string, string> {
  const folder = scratch(t);
  const script = `#!/bin/sh\nexec "${process.execPath}" "${root("dist", "main.js")}" "$@"\n`;
  writeFileSync(join(folder, "ipmp-exporter"), script, { mode: 0o755 });
  return { PATH: `${folder}:${process.env["PATH"]}`, RUNTIME_DIRECTORY: dirname(socket), HOME: folder };
}

/** Words that the script puts out. Asynchronous: the daemon of the test is in this process. */
async function wordsOf(
  env: Readonly<Record<string, string>>,
  shell: string,
  args: readonly string[],
): Promise<string[]> {
  const { stdout } = await promisify(execFile)(shell, args, { env });
  return stdout.split("\n").filter((word) => word !== "");
}

/** What a bash with the script would put in at Tab after that line. */
const IN_BASH = `
  source "$1"; shift
  COMP_LINE="ipmp-exporter $1"; COMP_POINT=\${#COMP_LINE}
  _ipmp_exporter
  printf '%s\\n' "\${COMPREPLY[@]}"`;

function inBashAt(t: TestContext, line: string, socket: string): Promise<string[]> {
  return wordsOf(environment(t, socket), "bash", ["-c", IN_BASH, "bash", root("completions", FILES.bash), line]);
}

async function inFishAt(t: TestContext, line: string, socket: string): Promise<string[]> {
  const script = `source ${root("completions", FILES.fish)}; complete --do-complete 'ipmp-exporter ${line}'`;
  const words = await wordsOf(environment(t, socket), "fish", ["--no-config", "-c", script]);
  return words.map((word) => word.replace(/^--[a-z.]+=/, "").split("\t")[0] ?? ""); // a description follows
}
