/** ipmpstat's output, byte for byte: first the samples of its manual, then those of a daemon. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ADDRESS_COLUMNS,
  type AddressRow,
  GROUP_COLUMNS,
  type GroupRow,
  INTERFACE_COLUMNS,
  type InterfaceFlag,
  type InterfaceRow,
  PROBE_COLUMNS,
  type ProbeRow,
  TARGET_COLUMNS,
  type TargetRow,
} from "#src/cli/ipmpstat/modes.js";
import { type Column, defaultColumns, formatParsable, formatTable } from "#src/cli/ipmpstat/table.js";
import { ProbeLog } from "#src/daemon/probing/probe-log.js";
import { aSnapshot, EXAMPLE } from "../support/snapshot.ts";
import { firstLines } from "./program.ts";
import { served } from "./served.ts";

const SCREEN = 23;

/** Lines without the indentation of the source. */
function lines(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.replace(/^ {4}/, ""));
}

function pick<Row>(columns: readonly Column<Row>[], ...names: readonly string[]): Column<Row>[] {
  return names.flatMap((name) => columns.filter((column) => column.name === name));
}

const ADDRESSES: readonly AddressRow[] = [
  { address: "192.0.2.10", up: true, group: "ipmp0", inbound: "net0", outbound: ["net0", "net1"] },
  { address: "192.0.2.11", up: true, group: "ipmp0", inbound: "net1", outbound: ["net0", "net1"] },
  { address: "192.0.2.12", up: false, group: "ipmp0", inbound: "", outbound: ["net0", "net1"] },
  { address: "2001:db8::10", up: true, group: "acct0", inbound: "", outbound: [] },
];

function group(ifname: string, name: string, state: GroupRow["state"], fdt: number | undefined): GroupRow {
  return { ifname, name, state, failureDetectionTimeMs: fdt, active: [], inactive: [], unusable: [] };
}

const GROUPS: readonly GroupRow[] = [
  { ...group("ipmp0", "ipmp0", "ok", 10_000), active: ["net0", "net1"] },
  { ...group("db0", "dbnet", "ok", undefined), active: ["net7"], inactive: ["net8"] },
  { ...group("web0", "frontend", "degraded", 20_000), active: ["net2", "net4"], unusable: ["net3"] },
  { ...group("acct0", "acct0", "failed", undefined), unusable: ["net5", "net6"] },
];

function link(
  device: string,
  active: boolean,
  ofGroup: string,
  flags: string,
  rest: Partial<InterfaceRow> = {},
): InterfaceRow {
  // The letters given are flags.
  const set = new Set(flags.split("") as InterfaceFlag[]);
  return { device, active, group: ofGroup, flags: set, link: "up", probe: "disabled", state: "ok", ...rest };
}

const INTERFACES: readonly InterfaceRow[] = [
  link("net0", true, "ipmp0", "mbM", { probe: "ok" }),
  link("net1", true, "ipmp0", "", { probe: "ok" }),
  link("net2", true, "web0", "mb", { link: "unknown", probe: "ok" }),
  link("net3", false, "web0", "", { link: "down", probe: "failed", state: "failed" }),
  link("net4", true, "web0", "s", { probe: "ok" }),
  link("net5", false, "acct0", "d", { state: "offline" }),
  link("net6", false, "acct0", "", { link: "down", state: "failed" }),
  link("net7", true, "db0", "mb"),
  link("net8", false, "db0", "is"),
];

const TARGETS: readonly TargetRow[] = [
  { device: "net0", mode: "routes", testAddress: "192.0.2.31", targets: ["192.0.2.1", "192.0.2.2"] },
  { device: "net1", mode: "multicast", testAddress: "192.0.2.32", targets: ["192.0.2.50", "192.0.2.51"] },
  { device: "net2", mode: "disabled", testAddress: "", targets: [] },
];

const PROBES: readonly ProbeRow[] = [
  {
    seconds: 0.11,
    device: "net0",
    probe: 589,
    networkRoundTripMs: 0.51,
    roundTripMs: 0.76,
    averageMs: 0.76,
    deviationMs: 0.01,
    target: "192.0.2.1",
  },
  {
    seconds: 0.17,
    device: "net1",
    probe: 612,
    networkRoundTripMs: undefined,
    roundTripMs: undefined,
    averageMs: 0.8,
    deviationMs: 0.02,
    target: "192.0.2.1",
  },
];

describe("the samples", () => {
  test("-pn", () =>
    assert.deepEqual(
      formatTable(defaultColumns(PROBE_COLUMNS), PROBES, SCREEN),
      lines(`
    TIME      INTERFACE   PROBE  NETRTT    RTT       RTTAVG    TARGET
    0.11s     net0        589    0.51ms    0.76ms    0.76ms    192.0.2.1
    0.17s     net1        612    --        --        0.80ms    192.0.2.1`),
    ));

  test("-pn of probes from before it began", () =>
    assert.deepEqual(
      formatTable(
        defaultColumns(PROBE_COLUMNS).slice(0, 3),
        PROBES.map((probe) => ({ ...probe, seconds: -probe.seconds })),
        SCREEN,
      ).slice(1),
      ["-0.11s    net0        589", "-0.17s    net1        612"],
    ));

  test("round as C does: 32 bits, and a half to the even side", () => {
    const [probe] = PROBES;
    assert.ok(probe);
    const shown = (networkRoundTripMs: number) =>
      formatParsable(pick(PROBE_COLUMNS, "NETRTT"), [{ ...probe, networkRoundTripMs }]).join("");
    // What printf("%.2f", (float)x) prints. 0.125 and 0.375 are halves; 0.005 lies below one in 32 bits, and above it in 64.
    const printed = { 0.125: "0.12", 0.375: "0.38", 0.005: "0.00", 0: "0.00", 10.125: "10.12", 1234.565: "1234.56" };
    for (const [value, text] of Object.entries(printed)) assert.equal(shown(Number(value)), `${text}ms`);
    assert.deepEqual([-0.125, -0.375, -0.001].map(shown), ["-0.12ms", "-0.38ms", "-0.00ms"]);
  });

  test("-an", () =>
    assert.deepEqual(
      formatTable(defaultColumns(ADDRESS_COLUMNS), ADDRESSES, SCREEN),
      lines(`
    ADDRESS                   STATE  GROUP       INBOUND     OUTBOUND
    192.0.2.10                up     ipmp0       net0        net0 net1
    192.0.2.11                up     ipmp0       net1        net0 net1
    192.0.2.12                down   ipmp0       --          --
    2001:db8::10              up     acct0       --          --`),
    ));

  test("-g", () =>
    assert.deepEqual(
      formatTable(defaultColumns(GROUP_COLUMNS), GROUPS, SCREEN),
      lines(`
    GROUP       GROUPNAME   STATE     FDT       INTERFACES
    ipmp0       ipmp0       ok        10.00s    net0 net1
    db0         dbnet       ok        --        net7 (net8)
    web0        frontend    degraded  20.00s    net2 net4 [net3]
    acct0       acct0       failed    --        [net5 net6]`),
    ));

  test("-i", () =>
    assert.deepEqual(
      formatTable(defaultColumns(INTERFACE_COLUMNS), INTERFACES, SCREEN),
      lines(`
    INTERFACE   ACTIVE  GROUP       FLAGS     LINK      PROBE     STATE
    net0        yes     ipmp0       --mbM--   up        ok        ok
    net1        yes     ipmp0       -------   up        ok        ok
    net2        yes     web0        --mb---   unknown   ok        ok
    net3        no      web0        -------   down      failed    failed
    net4        yes     web0        -s-----   up        ok        ok
    net5        no      acct0       -----d-   up        disabled  offline
    net6        no      acct0       -------   down      disabled  failed
    net7        yes     db0         --mb---   up        disabled  ok
    net8        no      db0         is-----   up        disabled  ok`),
    ));

  test("-tn", () =>
    assert.deepEqual(
      formatTable(defaultColumns(TARGET_COLUMNS), TARGETS, SCREEN),
      lines(`
    INTERFACE   MODE      TESTADDR            TARGETS
    net0        routes    192.0.2.31          192.0.2.1 192.0.2.2
    net1        multicast 192.0.2.32          192.0.2.50 192.0.2.51
    net2        disabled  --                  --`),
    ));

  test("-gP -o group,groupname,state,fdt,interfaces", () =>
    assert.deepEqual(
      formatParsable(GROUP_COLUMNS, GROUPS),
      lines(`
    ipmp0:ipmp0:ok:10.00s:net0 net1
    db0:dbnet:ok::net7 (net8)
    web0:frontend:degraded:20.00s:net2 net4 [net3]
    acct0:acct0:failed::[net5 net6]`),
    ));

  test("-anP -o address,group,inbound", () =>
    assert.deepEqual(
      formatParsable(
        pick(ADDRESS_COLUMNS, "ADDRESS", "GROUP", "INBOUND"),
        [ADDRESSES[0], ADDRESSES[3]].filter((row) => row !== undefined),
      ),
      ["192.0.2.10:ipmp0:net0", "2001\\:db8\\:\\:10:acct0:"],
    ));
});

describe("a table", () => {
  const columns: readonly Column<readonly string[]>[] = [0, 1, 2].map((index) => ({
    name: "ABC"[index] ?? "",
    width: 4,
    value: (row) => row[index],
  }));
  const table = (...rows: readonly (readonly string[])[]) => formatTable(columns, rows, SCREEN).slice(1);

  test("takes the excess of a value from the padding after it", () =>
    assert.deepEqual(table(["wider", "b", "c"], ["a", "b", "c"]), ["wider b c", "a   b   c"]));

  test("puts one space after a value that just fills its column", () =>
    assert.deepEqual(table(["four", "b", "c"]), ["four b  c"]));

  test("counts cells: a wide character has two, a combining accent none", () =>
    assert.deepEqual(table(["東", "b", "c"], ["東京", "b", "c"], ["e\u0301", "b", "c"]), [
      "東  b   c",
      "東京 b  c",
      "e\u0301   b   c",
    ]));

  test("does not pad its last column", () =>
    assert.deepEqual(table(["a", "b", "a long last one"]), ["a   b   a long last one"]));

  test("shows -- for nothing and ? for what is not known", () => assert.deepEqual(table(["", "b"]), ["--  b   ?"]));

  test("has its header again after each screenful", () =>
    assert.deepEqual(
      formatTable(
        columns,
        Array.from({ length: 5 }, () => ["a", "b", "c"]),
        2,
      ).map((line) => line[0]),
      ["A", "a", "a", "A", "a", "a", "A", "a"],
    ));

  test("escapes nothing in a single field", () =>
    assert.deepEqual(formatParsable(columns.slice(0, 1), [["a:b\\c"]]), ["a:b\\c"]));

  test("escapes colons and backslashes between fields", () =>
    assert.deepEqual(formatParsable(columns, [["a:b", "\\", ""]]), ["a\\:b:\\\\:"]));
});

const ANSWERED: Parameters<ProbeLog["append"]>[0] = {
  device: "net0",
  family: "ipv4",
  probe: 589,
  target: "192.0.2.1",
  sentMs: 0,
  networkRoundTrip: 510_000,
  roundTrip: 760_000,
  average: 800_000,
  deviation: 20_000,
};
const LOST = { probe: 590, networkRoundTrip: undefined, roundTrip: undefined } as const;

describe("over a daemon", () => {
  const log = new ProbeLog();
  const run = served(EXAMPLE, undefined, log);
  const families = EXAMPLE.groups.flatMap(({ members }) =>
    members.flatMap(({ probes }) => (probes?.families ?? []).map((each) => ({ ...each, mode: "disabled" as const }))),
  );
  const offline = { device: "eth0", state: "offline", active: false } as const;
  const waiting = served(
    aSnapshot({
      groups: [
        { name: "ipmp0", members: [{ ...offline, probes: { state: "disabled", families } }, { device: "eth1" }] },
      ],
    }),
  );

  test("-g", async () =>
    assert.deepEqual((await run("ipmpstat", "-g")).stdout.split("\n"), [
      "GROUP       GROUPNAME   STATE     FDT       INTERFACES",
      "default     default     degraded  --        wan1 [wan0]",
      "ipmp0       ipmp0       degraded  10.00s    eth0 (eth1)",
      "",
    ]));

  test("-i", async () =>
    assert.deepEqual((await run("ipmpstat", "-i")).stdout.split("\n"), [
      "INTERFACE   ACTIVE  GROUP       FLAGS     LINK      PROBE     STATE",
      "eth0        yes     ipmp0       --mb---   up        ok        ok",
      "eth1        no      ipmp0       is-----   up        disabled  ok",
      "wan0        no      default     -------   down      disabled  failed",
      "wan1        yes     default     -------   up        disabled  ok",
      "",
    ]));

  test("-anP", async () =>
    assert.deepEqual((await run("ipmpstat", "-anP", "-o", "address,STATE,inbound,outbound")).stdout.split("\n"), [
      "192.0.2.10:up:eth0:eth0",
      "192.0.2.11:down::",
      "2001\\:db8\\:\\:10:up:eth0:eth0",
      "",
    ]));

  test("-tn", async () =>
    assert.deepEqual((await run("ipmpstat", "-tn")).stdout.split("\n"), [
      "INTERFACE   MODE      TESTADDR            TARGETS",
      "eth0        routes    192.0.2.1           192.0.2.254 192.0.2.253",
      "eth1        disabled  --                  --",
      "wan0        disabled  --                  --",
      "wan1        disabled  --                  --",
      "",
    ]));

  test("-tn of a member that is out of use, whose socket waits for it to come back", async () => {
    const { stdout } = await waiting("ipmpstat", "-tnP", "-o", "interface,mode,testaddr,targets");
    assert.equal(stdout, "eth0:disabled::\neth1:disabled::\n");
  });

  test("-p begins with what was kept and goes on as it happens", async () => {
    for (let probe = 1; probe <= 30; probe++) log.append({ ...ANSWERED, probe, sentMs: Date.now() - 3_600_000 });
    log.append({ ...ANSWERED, sentMs: Date.now() - 5_000 });
    const fields = "interface,probe,netrtt,rtt,rttavg,target,rttdev";
    const later = setInterval(() => log.append({ ...ANSWERED, ...LOST, sentMs: Date.now() }), 100);
    const lines = await firstLines(2, [
      "ipmpstat",
      `--control.socket=${run.socket}`,
      "-pnP",
      "--since=10m",
      "-o",
      fields,
    ]);
    clearInterval(later);
    assert.deepEqual(lines, ["net0:589:0.51ms:0.76ms:0.80ms:192.0.2.1:0.02ms", "net0:590:::0.80ms:192.0.2.1:0.02ms"]);
  });

  test("an unknown field is left out for people and fatal for programs", async () => {
    const known = "expected group, groupname, state, fdt, interfaces";
    assert.deepEqual(await run("ipmpstat", "-g", "-o", "group,colour"), {
      status: 0,
      stdout: "GROUP\ndefault\nipmp0\n",
      stderr: `ipmpstat: ignoring unknown output field "colour": ${known}\n`,
    });
    assert.deepEqual(await run("ipmpstat", "-gP", "-o", "group,colour"), {
      status: 2,
      stdout: "",
      stderr: `ipmp-exporter: ipmpstat: unknown output field "colour": ${known} (see ipmp-exporter help)\n`,
    });
  });
});
