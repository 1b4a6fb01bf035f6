import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { print } from "#src/cli/command.js";
import { formatParsable, formatTable } from "#src/cli/ipmpstat/table.js";
import { formatReport } from "#src/cli/kstat/report.js";
import { html } from "#src/web/page/markup.js";

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

const NAME = "a\n\tb\u001b[2J\u202ec";
const SHOWN = "a\\u000a\\u0009b\\u001b[2J\\u202ec";

test("a name never ends the line of a form that programs read", () => {
  const column = { name: "NAME", width: 10, value: (name: string) => name };
  assert.deepEqual(formatParsable([column], [NAME]), [SHOWN]);
  const statistics = [{ name: NAME, value: "1" }];
  const kstat = { module: "link", instance: 0, name: NAME, class: "net", crtime: "0", snaptime: "0", statistics };
  assert.deepEqual(formatReport("lines", [kstat]), [`link:0:${SHOWN}:${SHOWN}\t1`]);
  assert.deepEqual(formatReport("names", [kstat]), [`link:0:${SHOWN}:${SHOWN}`]);
  for (const line of formatReport("blocks", [kstat])) {
    assert.doesNotMatch(line.replace(/^\t/, ""), /[\p{Cc}\p{Bidi_Control}]/u);
  }
  const [json = ""] = formatReport("json", [kstat]);
  assert.equal((JSON.parse(json) as { name: string }[])[0]?.name, NAME);
});

test("a name does not turn the page around", () =>
  assert.equal(html`<b>${"eth\u202e0<\u0007"}</b>`.text, "<b>eth\\u202e0&#60;\\u0007</b>"));
