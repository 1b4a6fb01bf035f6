/** `ipmp-exporter status`: what it says of the groups, and its exit status, which is a Nagios plugin's. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import { statusReport } from "#src/cli/status/report.js";
import { COLOURED, PLAIN } from "#src/cli/ink.js";
import { localTime } from "#src/cli/local-time.js";
import { aSnapshot, EXAMPLE, NOW, STARTED, type GroupInput } from "../support/snapshot.ts";
import { program } from "./program.ts";
import { served } from "./served.ts";

const UTC = { TZ: "UTC" };

const WAN: GroupInput = {
  name: "wan",
  state: "failed",
  crtime: STARTED,
  lastChange: NOW,
  missing: ["wan2"],
  members: ["wan0", "wan1"].map((device) => ({
    device,
    state: "failed",
    active: false,
    reason: "link down",
    linkUp: false,
  })),
};
const LAN: GroupInput = { name: "lan", state: "ok", members: [{ device: "eth0" }, { device: "eth1" }] };

describe("of a group whose links two systems have under one name", () => {
  const members = ["sw1", "sw2"].map((source) => ({ device: "eth1", source }));
  const run = served(aSnapshot({ groups: [{ name: "lag", members }] }));

  test("each is called by its system too", async () => {
    const { stdout } = await run("status");
    assert.match(stdout, /^lag is ok: sw1:eth1 and sw2:eth1 are active\.\n/);
    assert.match(stdout, /^ {2}sw1:eth1 {2}active\n {2}sw2:eth1 {2}active\n/m);
  });
});

describe("of a link whose name has a bar, which to Nagios ends the text", () => {
  const run = served(aSnapshot({ groups: [{ name: "lag", members: [{ device: "eth|0" }, { device: "eth1" }] }] }));

  test("has none in what it says, and none in what it cannot say", async () => {
    const { stdout } = await run("status");
    assert.match(
      stdout,
      /^lag is ok: eth1 and eth\\u007c0 are active\.\n.*^ {2}eth1 {8}active\n {2}eth\\u007c0 {2}active\n/ms,
    );
    for (const args of [[], ["--without", "eth|9"], ["a|b"]]) {
      const { stdout: said } = await run("status", ...args);
      assert.ok(!said.includes("|"), said);
    }
  });
});

describe("of many groups", () => {
  const members = (n: number, isBroken: boolean): NonNullable<GroupInput["members"]> => [
    { device: `a${n}` },
    { device: `b${n}`, ...(isBroken ? { state: "failed", active: false, reason: "link down", linkUp: false } : {}) },
  ];
  const groups = Array.from({ length: 40 }, (_, n) => ({ name: `g${10 + n}`, members: members(n, n % 3 === 0) }));
  const run = served(aSnapshot({ groups }));

  test("shows those in trouble in full as far as they fit a screen, the others of them in a sentence, the healthy ones in a line", async () => {
    const { stdout, status } = await run("status");
    const lines = stdout.trimEnd().split("\n");
    assert.equal(status, 1);
    assert.equal(lines.filter((line) => / {2}degraded {2}/.test(line)).length, 12);
    assert.match(
      lines.at(-3) ?? "",
      /^g46 is degraded since before .*: b36 has no carrier; one more failure is an outage\.$/,
    );
    assert.match(lines.at(-2) ?? "", /^g49 is degraded/);
    assert.equal(lines.at(-1), "26 ok: g11, g12, g14, g15 and 22 more. status GROUP shows one, top all of them.");
    assert.match((await run("status", "g11")).stdout, /^ {2}b1 {2}active$/m);
    const json = JSON.parse((await run("status", "-o", "json")).stdout) as { readonly groups: readonly unknown[] };
    assert.equal(json.groups.length, 40);
  });
});

describe("of members whose probes are not sent", () => {
  const [family] = EXAMPLE.groups.flatMap(({ members }) => members.flatMap(({ probes }) => probes?.families ?? []));
  assert.ok(family);
  const probedBy = (method: "icmp" | "none") => ({
    state: "disabled" as const,
    families: [{ ...family, method, mode: "disabled" as const, targets: method === "none" ? [] : family.targets }],
  });
  const members = [
    { device: "eth0", state: "offline" as const, active: false, probes: probedBy("icmp") },
    { device: "eth1", probes: probedBy("none") },
  ];
  const run = served(aSnapshot({ groups: [{ name: "lan", members }] }));

  test("says so, and why, and names no target", async () => {
    const { stdout } = await run("status");
    assert.match(stdout, /^ {2}eth0 {2}offline {2}.*not probed while it is out of use/m);
    assert.match(stdout, /^ {2}eth1 {2}active {3}judged by its link alone, without probes/m);
    assert.doesNotMatch(stdout, /probed by/);
  });
});

describe("of a daemon with a failed group", () => {
  const run = served(aSnapshot({ groups: [LAN, WAN], startedAt: STARTED }));

  test("begins with the verdict, lists the members with their reasons, and exits 2", async () => {
    const { status, stdout, stderr } = await run("status");
    assert.equal(stderr, "");
    assert.equal(status, 2);
    const [first = "", ...rest] = stdout.split("\n");
    assert.match(
      first,
      /^wan has failed since .*: wan0 and wan1 have no carrier, wan2 does not exist\. The other group is ok\.$/,
    );
    for (const line of [
      "wan  failed  ipmp, configuration",
      "  wan0  failed   link down",
      "  wan2  missing  promised, but there is no such link",
      "lan  ok  ipmp, configuration",
      "  eth0  active",
    ])
      assert.ok(rest.includes(line), `"${line}" is not in:\n${stdout}`);
    assert.ok(rest.indexOf("wan  failed  ipmp, configuration") < rest.indexOf("lan  ok  ipmp, configuration"));
  });

  test("of one group: its own state", async () => {
    const { status, stdout } = await run("status", "lan");
    assert.equal(status, 0);
    assert.match(stdout, /^lan is ok: eth0 and eth1 are active\.\n/);
    assert.doesNotMatch(stdout, /wan/);
  });

  test("as JSON: the groups as the API has them, the worst first, with the same exit status", async () => {
    const { status, stdout } = await run("status", "-o", "json");
    assert.equal(status, 2);
    const { groups } = JSON.parse(stdout);
    assert.deepEqual(
      groups.map(({ name, verdict }: { name: string; verdict: { because: string } }) => [name, verdict.because]),
      [
        ["wan", "wan0 and wan1 have no carrier, wan2 does not exist"],
        ["lan", "eth0 and eth1 are active"],
      ],
    );
  });

  test("a group that is not there is not known: 3, on standard output, with the names that are", async () => {
    const { status, stdout, stderr } = await run("status", "nobody");
    assert.deepEqual([status, stderr], [3, ""]);
    assert.equal(stdout, 'The state is not known: there is no group "nobody"; there are lan and wan\n');
    assert.match((await run("status", "wann")).stdout, /there is no group "wann": did you mean wan\?$/m);
  });
});

describe("of other daemons", () => {
  const degraded = served(EXAMPLE);
  test("degraded is 1", async () => assert.equal((await degraded("status")).status, 1));

  const empty = served(aSnapshot({}));
  test("without groups nothing is known: 3", async () => {
    const { status, stdout } = await empty("status");
    assert.equal(status, 3);
    assert.match(stdout, /^The state is not known: there is no group yet/);
  });

  test("without a daemon nothing is known: 3", async () => {
    const { status, stdout, stderr } = await program(["status", "--control.socket=/nonexistent/socket"], UTC);
    assert.deepEqual([status, stderr], [3, ""]);
    assert.match(stdout, /^The state is not known: no daemon at \/nonexistent\/socket/);
  });

  const odd = served(aSnapshot({ groups: [{ name: "\u001b[31mred", members: [{ device: "e\u202eth0" }] }] }));
  test("a name cannot write to the terminal", async () => {
    const { stdout } = await odd("status");
    assert.ok(!stdout.includes("\u001b") && !stdout.includes("\u202e"));
    assert.match(stdout, /\\u001b\[31mred/);
  });
});

describe("the screen", () => {
  const group = {
    name: "wan",
    ifname: "wan",
    source: "configuration",
    mode: "set",
    state: "degraded" as const,
    verdict: {
      is_single: false,
      since: "2026-11-28T02:14:00.000Z",
      is_older: false,
      because: "b has no carrier",
      warnings: [],
    },
    crtime: "100.000000000",
    members_expected: 2,
    missing: [],
    refused: [],
    failovers: "1",
    last_failover: "2026-11-28T02:14:00.000Z",
    kstats: { rbytes64: "0", obytes64: "0" },
    members: [
      member("日本", "active"),
      { ...member("b", "failed"), reason: "link down", link_up: false, failures: { link: "2" } },
    ],
  };
  const answer = {
    at: "3700.000000000",
    time: "2026-11-28T03:00:00.000Z",
    startedAt: "200.000000000",
    groups: [group],
    events: [
      {
        id: 1,
        kind: "member-state",
        group: "wan",
        device: "b",
        from: "active",
        to: "failed",
        cause: "link down",
        time: "2026-11-28T02:14:00.000Z",
      },
      {
        id: 2,
        kind: "group-state",
        group: "other",
        from: null,
        to: "ok",
        cause: "x",
        time: "2026-11-28T02:14:00.000Z",
      },
      { id: 3, kind: "of-a-later-version", group: "wan", cause: "who knows", time: "2026-11-28T02:15:00.000Z" },
    ],
  };

  function member(device: string, state: "active" | "failed") {
    const link_kstat = { rbytes64: "0", obytes64: "0" };
    return { device, source: "local", state, link_up: true, standby: false, failures: {}, link_kstat };
  }

  test("says since when counters run, whether over a restart, and what happened last", () => {
    const since = localTime(Date.parse("2026-11-28T02:14:00.000Z"), Date.parse(answer.time));
    assert.deepEqual(statusReport(answer, PLAIN), [
      `wan is degraded since ${since}: b has no carrier.`,
      "",
      "wan  degraded  set, configuration",
      "  日本  active",
      "  b     failed  link down; 2 failures",
      `  counters for 1 h, continued over a restart of the daemon; 1 failover, the last at ${since}`,
      `  ${since} b of wan is failed, was active: link down`,
      `  ${localTime(Date.parse("2026-11-28T02:15:00.000Z"), Date.parse(answer.time))} of-a-later-version: who knows`,
    ]);
  });

  test("keeps its few lines for what happened, not for what followed from it, and has starts among them", () => {
    const time = "2026-11-28T02:15:00.000Z";
    const bound = (n: number) => ({ id: 4 + n, kind: "address-moved", group: "wan", address: `192.0.2.${n}`, to: "x" });
    const moved = Array.from({ length: 9 }, (_, n) => ({ ...bound(n), cause: "b failed", time }));
    const start = { id: 20, kind: "program-started", away_seconds: 12, cause: "counters of 1 group were kept", time };
    const lines = statusReport({ ...answer, events: [...answer.events, ...moved, start] }, PLAIN).join("\n");
    assert.ok(lines.includes("b of wan is failed, was active: link down"));
    assert.match(lines, /The program started again: counters of 1 group were kept$/);
    assert.ok(!lines.includes("192.0.2."));
    const again = Array.from({ length: 9 }, (_, n) => ({ ...start, id: 30 + n }));
    const afterMany = statusReport({ ...answer, events: [...answer.events, start, ...again] }, PLAIN).join("\n");
    assert.ok(afterMany.includes("b of wan is failed, was active: link down"));
    assert.match(afterMany, /The program started again, 10 times since .*: counters of 1 group were kept$/);
  });

  test("has colours for a terminal, which change no word", () => {
    const coloured = statusReport(answer, COLOURED).join("\n");
    assert.ok(coloured.includes(styleText("yellow", "degraded", { validateStream: false })));
    assert.equal(stripVTControlCharacters(coloured), statusReport(answer, PLAIN).join("\n"));
  });
});
