/** scripts/build.js: what is built, when, and what is removed. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, statSync, utimesSync } from "node:fs";
import { describe, test } from "node:test";
import { SmallPackage } from "./small-package.ts";

const FILES = {
  "src/main.ts": 'import { name } from "./name.ts";\nconsole.log(name);\n',
  "src/name.ts": 'export const name: string = "first";\n',
};

describe("a build", () => {
  test("compiles, and makes the program executable", (context) => {
    const small = new SmallPackage(context, FILES);
    assert.deepEqual(small.run("build.js"), { status: 0, output: "" });
    assert.match(readFileSync(small.path("dist/name.js"), "utf8"), /"first"/);
    assert.equal(statSync(small.path("dist/main.js")).mode & 0o111, 0o111);
  });

  test("removes what a renamed source left behind", (context) => {
    const small = new SmallPackage(context, { ...FILES, "src/old/alone.ts": "export {};\n" });
    small.run("build.js");
    assert.ok(existsSync(small.path("dist/old/alone.js")));
    renameSync(small.path("src/old/alone.ts"), small.path("src/new.ts"));
    const { status, output } = small.run("build.js", "--if-needed");
    assert.equal(status, 0);
    assert.match(output, /^removed dist\/old\/alone\.js: its source is gone$/m);
    for (const ending of [".js", ".js.map", ".d.ts"])
      assert.ok(!existsSync(small.path(`dist/old/alone${ending}`)), ending);
    assert.ok(existsSync(small.path("dist/new.js")));
  });

  test("is done again when a source or a setting is newer, and not otherwise", (context) => {
    const small = new SmallPackage(context, FILES);
    const output = small.path("dist/name.js");
    const builds = (): boolean => {
      const before = statSync(output).mtimeMs;
      assert.equal(small.run("build.js", "--if-needed").status, 0);
      return statSync(output).mtimeMs !== before;
    };
    small.run("build.js");
    assert.equal(builds(), false);
    const later = new Date(Date.now() + 5000);
    utimesSync(small.path("src/name.ts"), later, later);
    assert.equal(builds(), true);
    utimesSync(small.path("src/name.ts"), new Date(0), new Date(0));
    assert.equal(builds(), false);
    utimesSync(small.path("tsconfig.json"), later, later);
    assert.equal(builds(), true);
  });

  test("that fails leaves the last one, says why, and is tried again", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    small.write("src/name.ts", "export const name: string = 1;\n");
    for (const attempt of ["first", "second"]) {
      const { status, output } = small.run("build.js", "--if-needed");
      assert.equal(status, 1, attempt);
      assert.match(output, /src\/name\.ts.*TS2322/, attempt);
    }
    assert.match(readFileSync(small.path("dist/name.js"), "utf8"), /"first"/);
  });

  test("refuses an argument that it does not know", (context) => {
    const small = new SmallPackage(context, FILES);
    assert.deepEqual(small.run("build.js", "--fast"), {
      status: 2,
      output: 'build: unknown argument "--fast"; it takes --if-needed and --tests\n',
    });
  });
});
