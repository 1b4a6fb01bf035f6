/** scripts/watch.js: each change is built, and tested when tests are selected. */

import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { eventually } from "../support/wait.ts";
import { SmallPackage, type Started } from "./small-package.ts";

const FILES = { "src/main.ts": 'export const name: string = "first";\n' };

/** Waits until it has printed this. */
const prints = (watch: Started, text: RegExp): Promise<void> =>
  eventually(
    () => text.test(watch.output),
    () => `it did not print ${text}, but:\n${watch.output}`,
  );

describe("npm run watch", () => {
  test("builds at the start and at every change, also in a folder that was not there before", async (context) => {
    const small = new SmallPackage(context, FILES);
    const watch = small.start("watch.js");
    await prints(watch, /^watch: done \(\d+\.\d s\); waiting for a change\n/);
    small.write("src/main.ts", 'export const name: string = "second";\n');
    await eventually(
      () => readFileSync(small.path("dist/main.js"), "utf8").includes('"second"'),
      () => `the change is not built:\n${watch.output}`,
    );
    small.write("src/new/file.ts", "export {};\n");
    await eventually(
      () => existsSync(small.path("dist/new/file.js")),
      () => `the new folder is not built:\n${watch.output}`,
    );
    small.write("src/new/file.ts", "export const inNew: number = true;\n");
    await prints(watch, /src\/new\/file\.ts\(1,14\): error TS2322.*\nwatch: failed \(.*\); waiting for a change\n$/);
  });

  test("runs the tests that its words select", async (context) => {
    const small = new SmallPackage(context, {
      ...FILES,
      "test/name.test.ts": `import { name } from "#src/main.js";
import { test } from "node:test";
test("is the first", () => { if (name !== "first") throw new Error(name); });
`,
      "test/other.test.ts": "",
    });
    const watch = small.start("watch.js", "name");
    await prints(watch, /\n1 passed, 0 failed\nwatch: done/);
    small.write("src/main.ts", 'export const name: string = "second";\n');
    await prints(watch, /\n0 passed, 1 failed\nwatch: failed/);
  });
});
