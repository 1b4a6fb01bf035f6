/** Reading files whose file system takes its time. */

import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { stampOf } from "#src/file-reading/file-reading.js";

test("a path is asked for once at a time, however many wait for it, and each is answered", async (t) => {
  const { stat } = fs;
  let [asking, most] = [0, 0];
  const slow = async (path: string) => {
    most = Math.max(most, ++asking);
    await new Promise((resolve) => setImmediate(resolve));
    asking--;
    return stat(path, { bigint: true });
  };
  t.mock.method(fs, "stat", slow);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const stamps = await Promise.all(Array.from({ length: 6 }, () => stampOf("/etc/hostname")));
  assert.equal(most, 1);
  assert.equal(new Set(stamps.map(({ text }) => text)).size, 1);
});
