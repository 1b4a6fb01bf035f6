/** Each rule of check.ts finds a planted violation, says why it is one, and is not fooled by what only looks like one. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Files, forbiddenImports, homeless, impurities, unusedPermissions } from "./check.ts";
import { imports } from "./imports.ts";
import { tokens } from "./tokens.ts";

const files = (entries: Readonly<Record<string, string>>): Files => new Map(Object.entries(entries));

/** Every form of import, to a file that the engine must not know. */
const FORMS = [
  `import { load } from "../config/load.ts";`,
  `import load from "../config/load.ts";`,
  `import * as config from "../config/load.ts";`,
  `import type { Configuration } from "../config/load.ts";`,
  `import { type Configuration } from "../config/load.ts";`,
  `import "../config/load.ts";`,
  `import {\n  load, // from "./here.ts"\n  type Other,\n} from '../config/load.ts'`,
  `export { load } from "../config/load.ts";`,
  `export * from "../config/load.ts";`,
  `export * as config from "../config/load.ts";`,
  `export type { Configuration } from "../config/load.ts";`,
  `const load = await import("../config/load.ts");`,
  `const load = await import(\`../config/load.ts\`);`,
  `let configuration: import("../config/load.ts").Configuration;`,
  `const load = require("../config/load.ts");`,
  `import { load } from "#src/config/load.js";`,
  `const text = \`\${await import("../config/load.ts")}\`;`,
  `const half = a / 2; import("../config/load.ts"); const third = b / 3;`,
];

/** What only looks like an import. */
const LOOKALIKES = [
  `// import { load } from "../config/load.ts";`,
  `/** see import("../config/load.ts") */`,
  `const text = 'import { load } from "../config/load.ts"';`,
  `const text = \`import("../config/load.ts") \${1 + 1} import("../config/load.ts")\`;`,
  `const pattern = /import("..\\/config\\/load.ts")/;`,
  `const pattern = /["]/; const other = /["] import("..\\/config")/;`,
  `const url = import.meta.url;`,
  `loader.import("../config/load.ts");`,
  `export const from = "../config/load.ts";`,
  `const imported = { from: "../config/load.ts" };`,
];

describe("a forbidden import", () => {
  for (const form of FORMS) {
    test(`is found in ${JSON.stringify(form)}`, () => {
      const found = forbiddenImports(files({ "src/ipmp/group.ts": form }));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(
        found[0] ?? "",
        /^src\/ipmp\/group\.ts:1 imports (types of )?src\/config\/load\.ts: ipmp may import kstat, because /,
      );
    });
  }
  for (const text of LOOKALIKES) {
    test(`is not seen in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(forbiddenImports(files({ "src/ipmp/group.ts": text })), []));
  }
  test("is reported with its line", () => {
    const text = '\n/* two\nlines */ const a = `\n`;\nimport "../web/server.ts";\n';
    assert.match(forbiddenImports(files({ "src/kstat/kstat.ts": text }))[0] ?? "", /^src\/kstat\/kstat\.ts:5 /);
  });
  test("is one source's of another", () =>
    assert.match(
      forbiddenImports(files({ "src/sources/linux/links.ts": 'import "../illumos/kstat.ts";' }))[0] ?? "",
      /no other system$/,
    ));
  test("is code where only types are allowed", () => {
    const path = "src/snapshot/snapshot.ts";
    assert.equal(forbiddenImports(files({ [path]: 'import { valueOf } from "../kstat/kstat.ts";' })).length, 1);
    assert.deepEqual(forbiddenImports(files({ [path]: 'import type { Kstat } from "../kstat/kstat.ts";' })), []);
  });
  test("is a package outside its place", () => {
    assert.equal(forbiddenImports(files({ "src/web/server.ts": 'import express from "express";' })).length, 0);
    assert.match(
      forbiddenImports(files({ "src/daemon/process/serve.ts": 'import router from "express/lib/router";' }))[0] ?? "",
      /imports express\/lib\/router: daemon\/process may use the packages node-cron only/,
    );
  });
  test("is a module of Node in a pure folder, with or without its prefix", () => {
    assert.match(forbiddenImports(files({ "src/kstat/a.ts": 'import "node:fs";' }))[0] ?? "", /kstat is pure/);
    assert.match(forbiddenImports(files({ "src/kstat/a.ts": 'import "fs/promises";' }))[0] ?? "", /kstat is pure/);
    assert.deepEqual(forbiddenImports(files({ "src/config/a.ts": 'import "node:fs";' })), []);
  });
  test("is a computed one in a pure folder", () => {
    assert.equal(forbiddenImports(files({ "src/ip/a.ts": "await import(name);" })).length, 1);
    assert.deepEqual(forbiddenImports(files({ "src/sources/linux/a.ts": "await import(name);" })), []);
  });
  test("is one of a file outside src/", () =>
    assert.equal(forbiddenImports(files({ "src/daemon/a.ts": 'import "../support/root.ts";' })).length, 1));
});

describe("an allowed import", () => {
  test("stays in its folder or follows the table", () => {
    const text = 'import "./phyint.ts"; import { net } from "../kstat/net.ts"; export * from "../kstat/kstat.ts";';
    assert.deepEqual(forbiddenImports(files({ "src/ipmp/group.ts": text })), []);
  });
});

describe("an impurity", () => {
  const cases = [
    ["const now = Date.now();", "Date.now"],
    ["const now = new Date();", "newDate"],
    ["const now = performance.now();", "performance."],
    ["const x = Math.random();", "Math.random"],
    ["const now = process.hrtime.bigint();", "process."],
    ["setTimeout(() => {}, 1);", "setTimeout"],
    ["const wait = setInterval;", "setInterval"],
    [`const text = \`\${Date\n.now()}\`;`, "Date.now"],
  ] as const;
  for (const [text, name] of cases) {
    test(`is ${JSON.stringify(text)} in a pure folder`, () => {
      const found = impurities(files({ "src/ipmp/group.ts": text }));
      assert.equal(found.length, 1);
      assert.ok(found[0]?.startsWith(`src/ipmp/group.ts:1 uses ${name}: ipmp is pure, because `), found[0]);
      assert.deepEqual(impurities(files({ "src/daemon/clock.ts": text })), []);
    });
  }
  test("is not a comment, a string, a property or a name that contains it", () => {
    const text =
      "// Date.now()\nconst a = 'new Date'; queue.setTimeout(1); const processed = process_.x; const o = { process: 1 };";
    assert.deepEqual(impurities(files({ "src/ipmp/group.ts": text })), []);
  });
});

describe("a file without a home", () => {
  test("lies in a folder that the table does not know", () =>
    assert.match(homeless(files({ "src/metrics/a.ts": "" }))[0] ?? "", /^src\/metrics\/a\.ts: no row/));
  for (const path of ["src/ipmp/utils.ts", "src/ipmp/helpers/mac.ts", "src/web/common.test.ts"]) {
    test(`is ${path}`, () => assert.match(homeless(files({ [path]: "" }))[0] ?? "", /is no noun of the field/));
  }
  test("is not one with a noun for a name", () =>
    assert.deepEqual(homeless(files({ "src/ipmp/phyint.ts": "", "src/main.ts": "" })), []));
});

describe("tokens", () => {
  test("are what TypeScript would see", () => {
    const text = `const a = b / c / d; f(\`x\${ { y: \`\${z}\` } }w\`, /[/"]'/g, 1_000n); // end`;
    assert.deepEqual(
      tokens(text).map((token) => token.text),
      [
        "const",
        "a",
        "=",
        "b",
        "/",
        "c",
        "/",
        "d",
        ";",
        "f",
        "(",
        "{",
        "y",
        ":",
        "z",
        "}",
        ",",
        `/[/"]'/g`,
        ",",
        "1_000n",
        ")",
        ";",
      ],
    );
  });
  test("tell a value named type from a type", () => {
    assert.equal(imports(tokens('import type from "./a.ts";'))[0]?.typeOnly, false);
    assert.equal(imports(tokens('import type { A } from "./a.ts";'))[0]?.typeOnly, true);
  });
});

describe("a permission of the table", () => {
  test("that no import needs is found", () =>
    assert.match(
      unusedPermissions(files({ "src/ip/ip.ts": 'import "../ipmp/stack.ts";' })).join("\n"),
      /^ip may import kstat and nothing there does/m,
    ));
  test("that an import needs is not", () =>
    assert.doesNotMatch(
      unusedPermissions(files({ "src/ip/ip.ts": 'import "../ipmp/stack.ts";' })).join("\n"),
      /^ip may import ipmp /m,
    ));
});
