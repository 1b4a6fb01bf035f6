/** What kstat -p, ipmpstat -P and dladm -p print, read back; and that nothing they could print does any harm. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseRows, splitFields } from "#src/sources/illumos/fields.js";
import {
  fieldsOf,
  millisecondsOf,
  type Mode,
  MODES,
  parseInterfaces,
  parseMode,
  parseNames,
} from "#src/sources/illumos/ipmpstat-rows.js";
import { nanosecondsOf, numberOf, parseKstats } from "#src/sources/illumos/kstat-lines.js";
import { groupKstat, IPMP0_LINES, linkKstat } from "../../support/illumos-samples.ts";
import { kstatLines } from "../../support/illumos-tree.ts";

/** As libinetutil's ofmt prints a field among others. */
const escaped = (value: string) => value.replaceAll(/[:\\]/g, "\\$&");

describe("fields", () => {
  test("come back as they were, whatever they hold", () => {
    const value = fc.string({ unit: fc.constantFrom(":", "\\", " ", "a", "é", "?", "[", "") });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 6 }), (values) => {
        assert.deepEqual(splitFields(values.map(escaped).join(":")), values);
      }),
    );
  });

  test("of an address of IPv6 are one field", () =>
    assert.deepEqual(parseRows("2001\\:db8\\:\\:10:up\n", ["ADDRESS", "STATE"]), {
      kind: "rows",
      rows: [{ ADDRESS: "2001:db8::10", STATE: "up" }],
    }));

  test("that could not be found out are not known, and empty ones are empty", () =>
    assert.deepEqual(parseRows("?:\n", ["A", "B"]), { kind: "rows", rows: [{ A: undefined, B: "" }] }));

  for (const line of ["a", "a:b:c", "a:b\\", "a\\x:b"])
    test(`of a line like ${line} are none`, () =>
      assert.deepEqual(parseRows(`a:b\n${line}\n`, ["A", "B"]), { kind: "unlike", line }));
});

describe("a mode of ipmpstat", () => {
  for (const mode of Object.keys(MODES) as Mode[]) {
    test(`-${mode} takes any text without harm`, () => {
      const piece = fc.oneof(
        fc.string(),
        fc.constantFrom(":", "\\:", "\n", "?", "up", "ok", "yes", "-------", "10,00s", "10.00s", "routes"),
      );
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
          const parsed = parseMode(mode, pieces.join(""));
          if (parsed.kind === "unlike") return;
          for (const row of parsed.rows) assert.deepEqual(Object.keys(row), fieldsOf(mode));
        }),
      );
    });
  }

  test("in German is not taken for a mode", () => {
    assert.deepEqual(parseMode("groups", "ipmp0:ipmp0:ok:10,00s:net0\n"), { kind: "unlike", line: "FDT 10,00s" });
    assert.deepEqual(parseMode("groups", "ipmp0:ipmp0:gestört:10.00s:net0\n"), {
      kind: "unlike",
      line: "STATE gestört",
    });
  });

  test("tells times in milliseconds", () => {
    assert.equal(millisecondsOf("20.00s"), 20_000);
    assert.equal(millisecondsOf("0.15s"), 150);
    assert.equal(millisecondsOf(""), undefined);
  });
});

describe("INTERFACES", () => {
  test("are active, in reserve, unusable, in the order of the system", () =>
    assert.deepEqual(parseInterfaces("net2 net5 (net7 net1) [net6]"), {
      active: ["net2", "net5"],
      inactive: ["net7", "net1"],
      unusable: ["net6"],
    }));

  test("come back as they were", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_.]{0,14}[0-9]$/), { maxLength: 12 });
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (all, a, b) => {
        const [first, second] = [a % (all.length + 1), b % (all.length + 1)].toSorted((x, y) => x - y);
        const lists = { active: all.slice(0, first), inactive: all.slice(first, second), unusable: all.slice(second) };
        const parts = [
          lists.active.join(" "),
          lists.inactive.length > 0 ? `(${lists.inactive.join(" ")})` : "",
          lists.unusable.length > 0 ? `[${lists.unusable.join(" ")}]` : "",
        ];
        assert.deepEqual(parseInterfaces(parts.filter((part) => part !== "").join(" ")), lists);
      }),
    );
  });

  test("that were cut at 1023 characters end where the value ends, without a name that is half", () => {
    const names = Array.from({ length: 200 }, (_, n) => `interface${n}`);
    const cut = `[${names.join(" ")}]`.slice(0, 1023);
    const { unusable } = parseInterfaces(cut);
    assert.deepEqual(unusable, names.slice(0, unusable.length));
    assert.ok(cut.length - unusable.join(" ").length < 20);
    const bare = parseNames(names.join(" ").slice(0, 1023));
    assert.deepEqual(bare, names.slice(0, bare.length));
  });

  test("take any text without harm", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("(", ")", "[", "]", " ", "net0"), maxLength: 300 }), (text) => {
        const { active, inactive, unusable } = parseInterfaces(text);
        for (const name of [...active, ...inactive, ...unusable]) assert.notEqual(name, "");
      }),
    );
  });
});

describe("kstats", () => {
  test("of the manual page come back whole", () => {
    const parsed = parseKstats(IPMP0_LINES);
    assert.ok(parsed.kind === "kstats");
    const [ipmp0] = parsed.kstats;
    assert.ok(ipmp0);
    assert.deepEqual([ipmp0.module, ipmp0.instance, ipmp0.name, ipmp0.class], ["ipmp", 0, "ipmp0", "net"]);
    assert.equal(nanosecondsOf(ipmp0.crtime), 48_201_334_512n);
    assert.equal(numberOf(ipmp0, "rbytes64"), 9_876_543_210_987n);
    assert.equal(ipmp0.statistics.length, 15);
  });

  test("that vanished while they were read are absent, not zero", () => {
    const text = kstatLines([linkKstat("net0"), linkKstat("net1", {}, { snaptime: undefined })]);
    const parsed = parseKstats(text);
    assert.ok(parsed.kind === "kstats");
    assert.deepEqual(
      parsed.kstats.map(({ name }) => name),
      ["net0"],
    );
    assert.deepEqual(parsed.vanished, ["link:0:net1"]);
  });

  test("that are printed twice are there once", () => {
    const twice = kstatLines([groupKstat("ipmp0", {}), groupKstat("ipmp0", {})]);
    const parsed = parseKstats(twice);
    assert.ok(parsed.kind === "kstats");
    assert.equal(parsed.kstats.length, 1);
  });

  test("hold numbers of 64 bits and text; what is larger is no number", () => {
    const most = 2n ** 64n - 1n;
    const parsed = parseKstats(kstatLines([linkKstat("net0", { obytes64: most, rbytes64: most + 1n })]));
    assert.ok(parsed.kind === "kstats");
    const [net0] = parsed.kstats;
    assert.ok(net0);
    assert.equal(numberOf(net0, "obytes64"), most);
    assert.equal(numberOf(net0, "rbytes64"), undefined);
    assert.equal(numberOf(net0, "zonename"), undefined);
    assert.equal(numberOf(net0, "no such statistic"), undefined);
  });

  for (const text of [
    "kstat: nein\n",
    "link:0:net0\t5\n",
    "link:x:net0:a\t5\n",
    "link:0:net0:crtime\t1,5\nlink:0:net0:snaptime\t2,5\n",
    "link:0:net0:crtime\t9223372037.000000000\nlink:0:net0:snaptime\t9223372038.000000000\n",
  ])
    test(`are none in ${JSON.stringify(text)}`, () => assert.equal(parseKstats(text).kind, "unlike"));

  test("take any text without harm, and are what they were printed from", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom("\n", "\t", ":", "link:0:net0:", "snaptime\t1.000000000\n"));
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => void parseKstats(pieces.join(""))));
    const statistic = fc
      .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_: ]{0,20}$/)
      .filter((name) => !/^(class|crtime|snaptime)$/.test(name));
    const value = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), fc.stringMatching(/^[ -~]{0,20}$/));
    fc.assert(
      fc.property(fc.dictionary(statistic, value), (statistics) => {
        const kstat = { module: "link", name: "net0", crtime: "1.000000001", snaptime: "2.000000002", statistics };
        const parsed = parseKstats(kstatLines([kstat]));
        assert.ok(parsed.kind === "kstats");
        const back = new Map(parsed.kstats[0]?.statistics.map(({ name, value: text }) => [name, text]));
        assert.deepEqual(back, new Map(Object.entries(statistics)));
      }),
    );
  });
});
