import assert from "node:assert/strict";
import { test } from "node:test";
import { saveFailure } from "#src/state/save-failure.js";

const PATH = "/var/lib/ipmp-exporter/state.json";

test("a refusal of the system is told with the file and what to do", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const why = "ENOSPC: no space left on device, write: make room on its file system";
  assert.equal(saveFailure(PATH, full), `"${PATH}": ${why}`);
});

test("a message that names the file does so once, and one without a code stays as it is", () => {
  const denied = `EACCES: permission denied, open '${PATH}.new'`;
  const error = Object.assign(new Error(denied), { code: "EACCES" });
  assert.equal(saveFailure(PATH, error), `${denied}: let the program's user write in its folder`);
  assert.equal(saveFailure(PATH, new Error(`"${PATH}" is no file any more`)), `"${PATH}" is no file any more`);
});
