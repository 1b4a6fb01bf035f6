/** scripts/install-test-tools where nothing can be installed: it says so, and only CI takes that for an error. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { root } from "../support/root.ts";

/** Runs it with a PATH in which apt-get and most tools are not. */
function runWithout(context: TestContext, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-path-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["cat", "id", "sort", "tr"]) {
    const place = ["/usr/bin", "/bin"]
      .map((bin) => join(bin, name))
      .find((path) => spawnSync("test", ["-x", path]).status === 0);
    assert.ok(place !== undefined, name);
    symlinkSync(place, join(folder, name));
  }
  const { status, stdout, stderr } = spawnSync("/bin/sh", [root("scripts", "install-test-tools")], {
    env: { PATH: folder, ...environment },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("install-test-tools without apt-get", () => {
  test("says what is missing and why it is wanted, and goes on", (context) => {
    const { status, stdout, stderr } = runWithout(context, {});
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^install-test-tools: snmpbulkwalk is missing \(Debian package snmp\): reads our SNMP agent as a manager does$/m,
    );
    assert.match(stdout, /there is no apt-get here/);
    assert.match(
      stdout,
      /^install-test-tools: still missing, so the tests that need them will be skipped: .*\bsnmp\b/m,
    );
    assert.equal(stderr, "");
  });

  test("fails in CI, where nothing may be skipped", (context) => {
    const { status, stderr } = runWithout(context, { CI: "true" });
    assert.equal(status, 1);
    assert.match(stderr, /still missing, which is an error in CI: .*\bsnmp\b/);
  });
});
