/** Flags stand above the file. */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { CONFIGURATION_FLAGS } from "#src/config/flags.js";
import { keysAt } from "#src/config/key-tree.js";
import { configuration, messages } from "./support.ts";

describe("a flag", () => {
  test("wins over the file", () =>
    assert.equal(
      configuration("log: { level: warn, format: json }", new Map([["log.level", "debug"]])).log.level,
      "debug",
    ));

  test("leaves the keys beside its own alone", () =>
    assert.equal(
      configuration("log: { level: warn, format: json }", new Map([["log.level", "debug"]])).log.format,
      "json",
    ));

  test("that may be repeated replaces the file's list", () =>
    assert.deepEqual(
      configuration("web: { listen_addresses: [':1', ':2'] }", new Map([["web.listen-address", [":3", "[::1]:4"]]])).web
        .listenAddresses,
      [
        { kind: "tcp", host: undefined, port: 3 },
        { kind: "tcp", host: "::1", port: 4 },
      ],
    ));

  test("turns SNMP off with none", () =>
    assert.deepEqual(configuration("", new Map([["snmp.listen-address", ["none"]]])).snmp.listenAddresses, []));

  test("names a path from where the program was started", () => {
    const flags = new Map([
      ["state.file", "s.json"],
      ["web.config.file", "w.yml"],
      ["control.socket", "c.sock"],
    ]);
    const { state, web, control } = configuration("", flags);
    assert.deepEqual(
      [state.file, web.configFile, control.socket],
      ["s.json", "w.yml", "c.sock"].map((name) => resolve(name)),
    );
  });

  test("counts in numbers", () =>
    assert.equal(configuration("", new Map([["web.max-requests", "7"]])).web.maxRequests, 7));

  test("is blamed by its own name", () =>
    assert.deepEqual(
      messages(
        "web: { max_requests: 5 }",
        new Map<string, string | string[]>([
          ["web.max-requests", "x"],
          ["web.listen-address", [":1", "y"]],
        ]),
      ),
      [
        '--web.listen-address: found "y": expected HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191, or unix:/PATH of 107 bytes at most',
        '--web.max-requests: found "x": expected a whole number from 0',
      ],
    ));

  test("does not hide that the file has something else in its place", () =>
    assert.deepEqual(
      messages("log: 7", new Map([["log.level", "debug"]])).map((line) => line.split(":").slice(0, 5).join(":")),
      ["c.yml:1:6: log: found 7"],
    ));

  for (const { name, key } of CONFIGURATION_FLAGS) {
    test(`--${name} is a key of the file`, () => {
      assert.ok(keysAt(key.slice(0, -1)).includes(String(key.at(-1))));
    });
  }
});
