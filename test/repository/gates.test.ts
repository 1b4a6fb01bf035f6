/** The gates that `npm run ok` and CI share: each is a script of package.json, and each is here, so that `npm test` is all of them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";

const GATES = {
  "format:check": "every file is formatted (mend it with: npm run format)",
  lint: "the linters have nothing to say",
  typecheck: "the pure folders need no Node, and the scripts' types hold",
} as const;

describe("gates", () => {
  for (const [script, what] of Object.entries(GATES)) {
    test(what, () => {
      const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", script], {
        cwd: root(),
        encoding: "utf8",
      });
      assert.equal(status, 0, `npm run ${script}\n${stdout}${stderr}`);
    });
  }
});
