/** scripts/build.js: what is built, when, what is left alone, and what is removed. */

import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { SmallPackage } from "./small-package.ts";

const FILES = {
  "src/main.ts": 'import { name } from "./name.ts";\nconsole.log(name);\n',
  "src/name.ts": 'export const name: string = "first";\n',
  "src/alone.ts": "export const alone = true;\n",
  "src/cli/run.ts": 'import { name } from "../name.ts";\nexport const run = (): unknown => name;\n',
};

/** What is built: path → contents. */
function outputs(small: SmallPackage): Map<string, string> {
  return new Map(
    readdirSync(small.path("dist"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(small.folder.length), readFileSync(path, "utf8")]),
  );
}

/** What a build from nothing makes of the sources as they are now. */
function fromNothing(context: TestContext, small: SmallPackage): Map<string, string> {
  const fresh = new SmallPackage(context, {});
  cpSync(small.path("src"), fresh.path("src"), { recursive: true });
  assert.equal(fresh.run("build.js").status, 0);
  return outputs(fresh);
}

/** The outputs that were written while this was going on, by the file's times. */
function written(small: SmallPackage, during: () => void): string[] {
  const times = () => new Map([...outputs(small).keys()].map((path) => [path, statSync(small.path(path)).mtimeMs]));
  const before = times();
  during();
  return [...times()].filter(([path, time]) => before.get(path) !== time).map(([path]) => path);
}

describe("a build", () => {
  test("compiles, and makes the program executable", (context) => {
    const small = new SmallPackage(context, FILES);
    assert.deepEqual(small.run("build.js"), { status: 0, output: "" });
    assert.match(readFileSync(small.path("dist/name.js"), "utf8"), /"first"/);
    assert.equal(statSync(small.path("dist/main.js")).mode & 0o111, 0o111);
  });

  test("bundles what was compiled for the program to load, and again when that changed", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    assert.match(readFileSync(small.path("dist/program/run.js"), "utf8"), /"first"/);
    small.write("src/name.ts", 'export const name: string = "second";\n');
    small.run("build.js");
    assert.match(readFileSync(small.path("dist/program/run.js"), "utf8"), /"second"/);
    assert.deepEqual(
      written(small, () => small.run("build.js")),
      [],
    );
  });

  test("writes what a change changes, and leaves the other outputs alone", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    small.write("src/name.ts", 'export const name: string = "second";\n');
    const changed = written(small, () => assert.equal(small.run("build.js").status, 0));
    assert.ok(changed.includes("/dist/name.js"));
    assert.deepEqual(
      changed.filter((path) => /main|alone/.test(path)),
      [],
    );
    assert.deepEqual(outputs(small), fromNothing(context, small));
  });

  test("goes by contents: a time that changed is no reason, one that went back hides nothing", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    const later = new Date(Date.now() + 5000);
    utimesSync(small.path("src/name.ts"), later, later);
    assert.deepEqual(
      written(small, () => small.run("build.js")),
      [],
    );
    small.write("src/name.ts", 'export const name: string = "other";\n');
    utimesSync(small.path("src/name.ts"), new Date(0), new Date(0));
    small.run("build.js");
    assert.match(readFileSync(small.path("dist/name.js"), "utf8"), /"other"/);
  });

  test("is done again when a setting changes", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    const settings = readFileSync(small.path("tsconfig.json"), "utf8");
    small.write("tsconfig.json", settings.replace('"sourceMap": true', '"sourceMap": false'));
    assert.equal(small.run("build.js").status, 0);
    assert.doesNotMatch(readFileSync(small.path("dist/name.js"), "utf8"), /sourceMappingURL/);
  });

  test("removes what a renamed source left behind, and makes it again when the source is back", (context) => {
    const small = new SmallPackage(context, { ...FILES, "src/old/alone.ts": "export {};\n" });
    small.run("build.js");
    assert.ok(existsSync(small.path("dist/old/alone.js")));
    renameSync(small.path("src/old/alone.ts"), small.path("src/new.ts"));
    const { status, output } = small.run("build.js");
    assert.equal(status, 0);
    assert.equal(output, "removed dist/old/alone.js: its source is gone\n");
    for (const ending of [".js", ".js.map", ".d.ts"])
      assert.ok(!existsSync(small.path(`dist/old/alone${ending}`)), ending);
    assert.ok(existsSync(small.path("dist/new.js")));
    renameSync(small.path("src/new.ts"), small.path("src/old/alone.ts"));
    assert.equal(small.run("build.js").status, 0);
    assert.deepEqual(outputs(small), fromNothing(context, small));
  });

  test("that fails leaves the last one, says why each time, and is done when the source is mended or as before", (context) => {
    const small = new SmallPackage(context, FILES);
    small.run("build.js");
    for (const mended of ["second", "first"]) {
      small.write("src/name.ts", "export const name: string = 1;\n");
      const before = outputs(small);
      for (const attempt of [1, 2]) {
        const { status, output } = small.run("build.js");
        assert.equal(status, 1, `attempt ${attempt}`);
        assert.match(output, /src\/name\.ts.*TS2322/, `attempt ${attempt}`);
      }
      assert.deepEqual(outputs(small), before);
      small.write("src/name.ts", `export const name: string = "${mended}";\n`);
      assert.equal(small.run("build.js").status, 0);
      assert.deepEqual(outputs(small), fromNothing(context, small));
    }
  });

  /** What may have happened to a build's outputs since: by an interrupted build, or by something else. */
  const ACCIDENTS: Readonly<Record<string, (small: SmallPackage) => void>> = {
    "an output was written for sources that are no longer these": (small) =>
      writeFileSync(small.path("dist/name.js"), 'export const name = "of another branch";\n'),
    "an output is half written": (small) => writeFileSync(small.path("dist/alone.d.ts"), "export dec"),
    "an output is missing": (small) => rmSync(small.path("dist/alone.js")),
    "a bundle is half written": (small) => writeFileSync(small.path("dist/program/run.js"), "export { ru"),
    "a bundle of another branch is left": (small) => writeFileSync(small.path("dist/program/OTHER.js"), "export {};"),
    "the bundles are missing": (small) => rmSync(small.path("dist/program"), { recursive: true }),
    "everything is missing": (small) => rmSync(small.path("dist"), { recursive: true }),
    "the record is half written": (small) => writeFileSync(small.path(".build/server.json"), '{"from":{'),
    "the compiler's knowledge is half written": (small) =>
      writeFileSync(small.path(".build/server.tsbuildinfo"), '{"version":'),
    "the compiler's knowledge is of other sources": (small) => {
      const ahead = readFileSync(small.path(".build/server.tsbuildinfo"));
      small.write("src/name.ts", 'export const name: string = "gone again";\n');
      small.run("build.js");
      writeFileSync(small.path(".build/server.tsbuildinfo"), ahead);
      small.write("src/name.ts", FILES["src/name.ts"]);
    },
  };
  for (const [accident, happen] of Object.entries(ACCIDENTS)) {
    test(`is right although ${accident}`, (context) => {
      const small = new SmallPackage(context, FILES);
      small.run("build.js");
      const right = outputs(small);
      happen(small);
      assert.equal(small.run("build.js").status, 0);
      assert.deepEqual(outputs(small), right);
    });
  }

  test("compiles the tests anew when a declaration of the program changed", (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "src/main.ts": 'export { name } from "./name.ts";\n',
      "test/name.test.ts": 'import { name } from "#src/main.js";\nconsole.log(name.length);\n',
    });
    assert.equal(small.run("build.js", "--tests").status, 0);
    small.write("src/name.ts", "export const name: number = 1;\n");
    const { status, output } = small.run("build.js", "--tests");
    assert.equal(status, 1);
    assert.match(output, /test\/name\.test\.ts.*TS2339/);
  });

  test("refuses an argument that it does not know", (context) => {
    const small = new SmallPackage(context, FILES);
    assert.deepEqual(small.run("build.js", "--fast"), {
      status: 2,
      output: 'build: unknown argument "--fast"; it takes --tests\n',
    });
  });
});
