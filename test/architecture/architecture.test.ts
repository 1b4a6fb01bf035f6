/** src/ as it is, against the import directions of table.ts. The rules themselves are tested in check.test.ts. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { type Files, forbiddenImports, homeless, impurities, unusedPermissions } from "./check.ts";
import { FOLDERS } from "./table.ts";

function sources(): Files {
  const paths = readdirSync(root("src"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  return new Map(paths.map((path) => [posix.join("src", path), readFileSync(root("src", path), "utf8")]));
}

describe("src/", () => {
  const files = sources();
  test("every file is named for what it is and lies in a folder with a charter", () =>
    assert.deepEqual(homeless(files), []));
  test("imports point in the directions of the table", () => assert.deepEqual(forbiddenImports(files), []));
  test("every arrow of the table is needed", () => assert.deepEqual(unusedPermissions(files), []));
  test("pure folders name no clock, timer, randomness or process", () => assert.deepEqual(impurities(files), []));
  test("pure folders, and no others, are compiled a second time without Node's types", () => {
    const included = [...readFileSync(root("tsconfig.pure.json"), "utf8").matchAll(/"src\/([^"]+)"/g)].map(
      ([, path = ""]) => path,
    );
    const isIncluded = ({ path }: { readonly path: string }) =>
      included.some((one) => `${path}/`.startsWith(`${one}/`));
    const differing = FOLDERS.filter((folder) => isIncluded(folder) !== folder.pure);
    assert.deepEqual(
      differing.map(({ path }) => path),
      [],
    );
  });
});
