import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { logfmt } from "#src/daemon/process/log.js";
import { printable, printableLines } from "#src/log/printable.js";

describe("text for a terminal", () => {
  test("is what it was where nothing in it is obeyed", () =>
    assert.equal(printable("büro \\x1b 接続 🙂"), "büro \\x1b 接続 🙂"));

  test("has no character that a terminal obeys", () => {
    assert.equal(printable("eth\u001b[31m\n\t"), "eth\\u001b[31m\\u000a\\u0009");
    assert.equal(printable("\u007f\u009b\u202e\u2028"), "\\u007f\\u009b\\u202e\\u2028");
  });

  test("keeps its lines and columns, where it has such", () =>
    assert.equal(printableLines("a\tb\u001bc\nd\n"), "a\tb\\u001bc\nd\n"));
});

describe("a line of the log", () => {
  const line = (device: string) => logfmt("T", "info", "m", { device });

  test("quotes and escapes a name with control characters", () => {
    assert.equal(line("eth\u001b[31m"), 'ts=T level=info msg=m device="eth\\u001b[31m"\n');
    assert.equal(line("eth\u009b"), 'ts=T level=info msg=m device="eth\\u009b"\n');
  });

  test("leaves other names alone", () => assert.equal(line("büro"), "ts=T level=info msg=m device=büro\n"));
});
