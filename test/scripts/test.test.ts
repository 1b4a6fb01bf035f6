/** scripts/test.js: every way in which a test file can go wrong is counted, and nothing hangs. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { eventually } from "../support/wait.ts";
import { SmallPackage } from "./small-package.ts";

const HEAD = 'import test from "node:test";\n';

/** Passes, and shows that tests import what was built. */
const GOOD = `import { name } from "#src/main.js";\n${HEAD}
test.describe("a name", () => {
  test("is there", () => { if (name !== "small") throw new Error(name); });
  test("waits for a tool", { skip: "no such tool" }, () => {});
});
`;

const FILES = { "src/main.ts": 'export const name = "small";\n', "test/good.test.ts": GOOD };

/** Whether a process is there and not dead: one that nobody has waited for yet is listed as a zombie. */
function runs(pid: string): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

/** The last line that is printed. */
const lastLine = (output: string): string => output.trimEnd().split("\n").at(-1) ?? "";

describe("npm test", () => {
  test("builds, is short when all goes well, and ends with the sum", (context) => {
    const small = new SmallPackage(context, FILES);
    const { status, output } = small.run("test.js");
    assert.equal(status, 0, output);
    assert.match(
      output,
      /^✔ good: 1 passed, 1 skipped \(\d+\.\d s\)\n {2}skipped 1: no such tool\n\n1 passed, 0 failed, 1 skipped\n$/,
    );
  });

  test("counts a group that is skipped as a whole as one that is skipped", (context) => {
    const group = `${HEAD}test.describe("a group", { skip: "no emulator" }, () => { test("is not run", () => {}); });\n`;
    const small = new SmallPackage(context, { ...FILES, "test/group.test.ts": group });
    const { status, output } = small.run("test.js", "group");
    assert.equal(status, 0, output);
    assert.match(
      output,
      /^✔ group: 0 passed, 1 skipped \(\d+\.\d s\)\n {2}skipped 1: no emulator\n\n0 passed, 0 failed, 1 skipped\n$/,
    );
  });

  test("prints what a test has to say, also when all goes well", (context) => {
    const says = `${HEAD}test.describe("sums", () => { test("add up", (context) => context.diagnostic("2 and 2\\nare 4")); });\n`;
    const small = new SmallPackage(context, { ...FILES, "test/says.test.ts": says });
    const { status, output } = small.run("test.js", "says");
    assert.equal(status, 0, output);
    assert.match(output, /^✔ says: 1 passed \(\d+\.\d s\)\n {4}2 and 2\n {4}are 4\n\n1 passed, 0 failed\n$/);
  });

  test("counts failing tests, broken groups, files that crash, exit early or declare nothing", (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "test/bad.test.ts": `${HEAD}test.describe("sums", () => { test("add up", () => { console.log("seen"); throw new Error("2 is not 3"); }); test("exist", () => {}); });\n`,
      "test/broken.test.ts": `${HEAD}test.describe("a group", () => { throw new Error("in the group"); });\n`,
      "test/crash.test.ts": 'throw new Error("at load");\n',
      "test/leaves.test.ts": `${HEAD}test("is fine", () => {});\nprocess.on("exit", () => { process.exitCode = 7; });\n`,
      "test/nothing.test.ts": "export {};\n",
    });
    const { status, output } = small.run("test.js");
    assert.equal(status, 1);
    assert.match(output, /✖ sums › add up\n {4}Error: 2 is not 3/);
    assert.match(output, /What it printed:\n {4}seen/);
    assert.match(output, /✖ a group\n {4}Error: in the group/);
    assert.match(
      output,
      /✖ crash: 0 passed.*\n.*\n {4}the process ended with exit code 1\n {2}What it printed:\n[\s\S]*Error: at load/,
    );
    assert.match(output, /the process ended with exit code 7/);
    assert.match(output, /✖ nothing: 0 passed.*\n.*\n {4}it declares no test/);
    assert.equal(lastLine(output), "3 passed, 5 failed, 1 skipped");
  });

  test("ends a file that hangs, together with what it started", async (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "test/hang.test.ts": `${HEAD}import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
test("ends never", () => new Promise(() => {
  const child = spawn("sleep", ["600"], { stdio: "inherit" });
  writeFileSync("child", String(child.pid));
}));
`,
    });
    const { status, output } = small.run("test.js", "hang", "--file-limit=10");
    assert.equal(status, 1);
    assert.match(output, /✖ ended after 10 s\n {4}still going on: "ends never"/);
    assert.equal(lastLine(output), "0 passed, 1 failed");
    const pid = readFileSync(small.path("child"), "utf8");
    await eventually(
      () => !runs(pid),
      () => `sleep, process ${pid}, still runs`,
    );
  });

  test("runs the files that a word selects, and says so when there are none", (context) => {
    const small = new SmallPackage(context, { ...FILES, "test/other.test.ts": `${HEAD}test("other", () => {});\n` });
    assert.equal(lastLine(small.run("test.js", "oth").output), "1 passed, 0 failed");
    const { status, output } = small.run("test.js", "nowhere");
    assert.equal(status, 2);
    assert.equal(output, 'test: there is no file test/**/*.test.ts with "nowhere" in its path\n');
  });

  test("leaves the slow folders out when it is to be quick, and says so", (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "test/system/links.test.ts": `${HEAD}test("real links", () => { throw new Error(); });\n`,
      "test/docs/pages.test.ts": `${HEAD}test("pages", () => { throw new Error(); });\n`,
      "test/docs/commands.test.ts": `${HEAD}test("commands", () => { throw new Error(); });\n`,
    });
    const { status, output } = small.run("test.js", "--quick");
    assert.equal(status, 0, output);
    assert.ok(
      output.endsWith("\nleft out by --quick: 3 files, 2 of docs, 1 of system\n1 passed, 0 failed, 1 skipped\n"),
      output,
    );
    assert.equal(lastLine(small.run("test.js", "--quick", "good").output), "1 passed, 0 failed, 1 skipped");
    assert.equal(small.run("test.js", "--quick", "links").status, 1);
  });

  test("hands Node's own arguments on, and refuses others", (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "test/two.test.ts": `${HEAD}test("one", () => {});\ntest("two", () => { throw new Error(); });\n`,
    });
    assert.equal(small.run("test.js", "two", "--test-name-pattern=one").status, 0);
    assert.equal(small.run("test.js", "--watch").status, 2);
    assert.equal(small.run("test.js", "--file-limit=soon").status, 2);
  });

  test("does not run what does not compile", (context) => {
    const small = new SmallPackage(context, { ...FILES, "test/wrong.test.ts": "const a: string = 1;\n" });
    const { status, output } = small.run("test.js");
    assert.equal(status, 1);
    assert.match(output, /wrong\.test\.ts.*TS2322/);
    assert.doesNotMatch(output, /passed/);
  });
});
