/** Whatever a file holds, the answer is a configuration or a list of lines. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { formatConfigurationError } from "#src/config/configuration-error.js";
import { CONFIGURATION_FLAGS } from "#src/config/flags.js";
import { loadConfiguration } from "#src/config/load.js";
import { messages } from "./support.ts";

const RUNS = { numRuns: 300 };

/** One line each, and more than nothing. */
function areLines(lines: readonly string[]): boolean {
  return lines.every((line) => line.length > 0 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line));
}

/** Keys of the format, and others that mean something to JavaScript. */
const key = fc.constantFrom(
  ...["groups", "name", "ifname", "interfaces", "device", "match", "standby", "addresses", "min_active", "web", "snmp"],
  ...["listen_addresses", "communities", "sources", "users", "state", "file", "checkpoint", "detection", "probes"],
  ...["targets", "__proto__", "constructor", "toString", "length", "0", "<<", ""],
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe("any file is answered in lines", () => {
  test("of any characters", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => areLines(messages(text))),
      RUNS,
    ));

  test("of the characters that YAML is made of", () => {
    const unit = fc.constantFrom(
      ..."{}[],:-?&*!|>%@`'\"#\t \n\r~<=ab0\\".split(""),
      "groups",
      "name",
      "- ",
      ": ",
      "---\n",
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => areLines(messages(text))),
      RUNS,
    );
  });

  test("of YAML of any shape", () =>
    fc.assert(
      fc.property(value, (shape) => areLines(messages(stringify(shape)))),
      RUNS,
    ));

  test("and any flags", () => {
    const flags = fc
      .array(fc.tuple(fc.constantFrom(...CONFIGURATION_FLAGS), fc.string()))
      .map((given) => new Map(given.map(([{ name, kind }, text]) => [name, kind === "list" ? [text] : text])));
    fc.assert(
      fc.property(value, flags, (shape, given) => areLines(messages(stringify(shape), given))),
      RUNS,
    );
  });
});

describe("a file that is no text", () => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-config-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "c.yml");
  const said = (path: string) => {
    const result = loadConfiguration(path, new Map(), {});
    return Array.isArray(result) ? result.map(formatConfigurationError) : [];
  };

  test("because it is a folder", () =>
    assert.deepEqual(said(folder), [
      `${folder}: found a directory: expected the path of a YAML file that can be read`,
    ]));

  test("because it is not there", () =>
    assert.deepEqual(said(`${file}.not`), [
      `${file}.not: no such file: expected the path of a YAML file that can be read`,
    ]));

  test("because its bytes are not UTF-8", () => {
    writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    assert.deepEqual(said(file), [`${file}: not UTF-8 text: expected a YAML file in UTF-8`]);
  });

  test("because it has no end", () =>
    assert.deepEqual(said("/dev/zero"), ["/dev/zero: larger than 1 MiB: expected a configuration file"]));

  test("or nothing in it, which is all defaults", () => assert.deepEqual(said("/dev/null"), []));
});
