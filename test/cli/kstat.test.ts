/** kstat's output, byte for byte. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatReport, type Kstat, sorted } from "#src/cli/kstat/report.js";
import { parseSelector, type Selector, select } from "#src/cli/kstat/selector.js";
import { IPMP0_LINES } from "../support/illumos-samples.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { served } from "./served.ts";

/** The sample of the manual. */
const IPMP0: Kstat = {
  module: "ipmp",
  instance: 0,
  name: "ipmp0",
  class: "net",
  crtime: "48.201334512",
  snaptime: "864012.554019882",
  statistics: Object.entries({
    obytes: "1912276171",
    obytes64: "1234567890123",
    rbytes: "2413397483",
    rbytes64: "9876543210987",
    opackets: "81726354",
    opackets64: "4376693650",
    oerrors: "0",
    ipackets: "91827364",
    ipackets64: "4386794660",
    ierrors: "0",
    multircv: "5521",
    multixmt: "310",
    brdcstrcv: "1042",
    brdcstxmt: "12",
    link_up: "1",
  }).map(([name, value]) => ({ name, value })),
};

/** The sample of the manual page, without its last newline. */
const LINES = IPMP0_LINES.trimEnd();

const JSON_TEXT = `[{
	"module": "ipmp",
	"instance": 0,
	"name": "ipmp0",
	"class": "net",
	"type": 1,
	"snaptime": 864012.554019882,
	"data": {
		"link_up": 1
	}
}]`;

/** An operand that is well formed. */
function selector(operand: string): Selector {
  const parsed = parseSelector(operand);
  assert.ok(parsed);
  return parsed;
}

test("kstats are in the order of strcasecmp, and text is text in JSON", () => {
  const text: Kstat = { ...IPMP0, name: "B0", statistics: [{ name: "zonename", type: "string", value: 'a "zone"' }] };
  const chosen = sorted([IPMP0, text, { ...text, name: "a0" }]);
  assert.deepEqual(
    chosen.map(({ name }) => name),
    ["a0", "B0", "ipmp0"],
  );
  const [{ data }] = JSON.parse(formatReport("json", select(chosen, [selector("::a0:zonename")], false)).join("\n"));
  assert.deepEqual(data, { zonename: 'a "zone"' });
});

describe("the samples", () => {
  test("kstat -p ipmp:0:ipmp0:", () =>
    assert.equal(formatReport("lines", select(sorted([IPMP0]), [selector("ipmp:0:ipmp0:")], true)).join("\n"), LINES));

  test("kstat -p of two selectors that fit one kstat prints it twice", () => {
    const chosen = select(sorted([IPMP0]), [selector("ipmp:::obytes64"), selector("::ipmp0:/bytes64/")], true);
    assert.deepEqual(formatReport("lines", chosen), [
      "ipmp:0:ipmp0:obytes64\t1234567890123",
      "ipmp:0:ipmp0:obytes64\t1234567890123",
      "ipmp:0:ipmp0:rbytes64\t9876543210987",
    ]);
  });

  test("kstat -C", () =>
    assert.equal(formatReport("colons", select(sorted([IPMP0]), [{}], true)).join("\n"), LINES.replaceAll("\t", ":")));

  test("kstat -l", () =>
    assert.equal(formatReport("names", select(sorted([IPMP0]), [{}], true)).join("\n"), LINES.replaceAll(/\t.*/g, "")));

  test("kstat -j ipmp:0:ipmp0:link_up", () =>
    assert.equal(
      formatReport("json", select(sorted([IPMP0]), [selector("ipmp:0:ipmp0:link_up")], false)).join("\n"),
      JSON_TEXT,
    ));

  test("kstat ipmp:0:ipmp0:/^ob/", () =>
    assert.deepEqual(formatReport("blocks", select(sorted([IPMP0]), [selector("ipmp:0:ipmp0:/^ob/")], false)), [
      "module: ipmp                            instance: 0     ",
      "name:   ipmp0                           class:    net",
      "\tobytes                          1912276171",
      "\tobytes64                        1234567890123",
      "",
    ]));
});

describe("a pattern selects", () => {
  const names = (operand: string) =>
    select(sorted([IPMP0]), [selector(operand)], false).flatMap(({ statistics }) => statistics.map(({ name }) => name));

  /** An operand, and the statistics of the sample that it selects. */
  const table: readonly (readonly [string, readonly string[]])[] = [
    [":::ob*", ["obytes", "obytes64"]],
    [":::?bytes", ["obytes", "rbytes"]],
    [":::[or]bytes64", ["obytes64", "rbytes64"]],
    [":::[!o]bytes", ["rbytes"]],
    [":::[i-o]errors", ["ierrors", "oerrors"]],
    [":::/^brd.*rcv$/", ["brdcstrcv"]],
    [":::/a:b|link/", ["link_up"]],
    [":::link.up", []],
    ["ipmp::ipmp?:crtime", ["crtime"]],
    ["ipm::ipmp0:crtime", []],
    [":1::crtime", []],
    [":::OBYTES", []],
  ];
  for (const [operand, expected] of table) test(operand, () => assert.deepEqual(names(operand), expected));

  test("nothing with a class that it has not", () => assert.deepEqual(select([IPMP0], [{ class: "misc" }], false), []));
});

test("kstats come by module, instance and name", () => {
  const named = (module: string, instance: number, name: string) => ({ ...IPMP0, module, instance, name });
  assert.deepEqual(
    sorted([named("link", 10, "a"), named("link", 2, "b"), named("ipmp", 0, "z"), named("link", 2, "a")]).map(
      ({ module, instance, name }) => `${module}:${instance}:${name}`,
    ),
    ["ipmp:0:z", "link:2:a", "link:2:b", "link:10:a"],
  );
});

describe("over a daemon", () => {
  const run = served(EXAMPLE);

  test("every digit of 64 bits arrives", async () => {
    const { status, stdout } = await run("kstat", "-p", "link:0:eth0:rbytes64");
    assert.deepEqual([status, stdout], [0, `link:0:eth0:rbytes64\t${2n ** 64n - 2n}\n`]);
  });

  test("options select as operands do", async () =>
    assert.equal(
      (await run("kstat", "-p", "-m", "link", "-n", "eth0", "-s", "rbytes64", "-c", "net")).stdout,
      (await run("kstat", "-p", "link:0:eth0:rbytes64")).stdout,
    ));

  test("several operands select what any of them selects", async () =>
    assert.deepEqual((await run("kstat", "-l", "::eth0:ierrors", "::ipmp0:link_up")).stdout.split("\n"), [
      "ipmp:0:ipmp0:link_up",
      "link:0:eth0:ierrors",
      "",
    ]));

  test("nothing that matches is exit status 1, silently", async () =>
    assert.deepEqual(await run("kstat", "nothing"), { status: 1, stdout: "", stderr: "" }));

  test("-q tells by the exit status alone", async () =>
    assert.deepEqual(await run("kstat", "-q", "ipmp"), { status: 0, stdout: "", stderr: "" }));

  test("reports are repeated", async () =>
    assert.equal(
      (await run("kstat", "-p", "::ipmp0:link_up", "1", "2")).stdout,
      "ipmp:0:ipmp0:link_up\t1\n\nipmp:0:ipmp0:link_up\t1\n",
    ));

  test("a wrong regular expression is told", async () =>
    assert.deepEqual(await run("kstat", ":::/(/"), {
      status: 1,
      stdout: "",
      stderr:
        'ipmp-exporter: kstat: "/(/" is not a pattern: expected a shell pattern, or a regular expression in slashes\n',
    }));
});
