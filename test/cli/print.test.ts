import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { print } from "#src/cli/command.js";
import { formatTable } from "#src/cli/ipmpstat/table.js";

test("a command prints no control character of a name, and its columns stay in line", () => {
  const stream = new PassThrough();
  const columns = [
    { name: "INTERFACE", width: 20, value: (name: string) => name },
    { name: "STATE", width: 5, value: () => "ok" },
  ];
  print(stream, formatTable(columns, ["eth\u001b[2J", "eth1"], 10));
  const lines = String(stream.read()).split("\n");
  assert.deepEqual(lines, ["INTERFACE           STATE", "eth\\u001b[2J        ok", "eth1                ok", ""]);
});
