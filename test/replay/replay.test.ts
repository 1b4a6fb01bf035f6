/** The form of the replay's output, and what misuse of a trace draws. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { FAULT_POINTS } from "#src/ipmp/effects.js";
import { OPS, Replay, replay } from "#src/replay/replay.js";
import { root } from "../support/root.ts";

const META = {
  op: "plumb",
  phyint: "ipmp0",
  ifindex: 1,
  ipmp: true,
  v4: { ill_mactype: 2147483654, ill_type: 1, ill_mtu: 68, ill_phys_addr: "" },
};

function link(phyint: string, ifindex: number, extra: object = {}): object {
  const ill = { ill_mactype: 4, ill_type: 6, ill_mtu: 1500, ill_phys_addr: `02:00:00:00:00:0${ifindex}`, ...extra };
  return { op: "plumb", phyint, ifindex, v4: ill };
}

/** ipmp0 with net0 joined and active. */
const GROUP: readonly object[] = [
  META,
  { op: "grp_create", grname: "ipmp0", phyint: "ipmp0" },
  { op: "illgrp_create", ill: "ipmp0/v4" },
  { op: "illgrp_link", illgrp: "ipmp0/v4", grp: "ipmp0" },
  link("net0", 2, { ill_flags: ["MULTICAST"] }),
  { op: "phyint_join", phyint: "net0", grp: "ipmp0" },
  { op: "ill_join", ill: "net0/v4", illgrp: "ipmp0/v4" },
  { op: "ipif_add", ipif: "test", ill: "net0/v4", addr: "198.51.100.1", flags: ["NOFAILOVER"] },
  { op: "ipif_up", ipif: "test" },
];

function run(ops: readonly object[], effectsOnly = false): string[] {
  const lines = ops.map((op) => JSON.stringify(op));
  return Array.from(replay(lines, effectsOnly));
}

/** The output of the last op only. */
function last(...ops: object[]): string {
  return run([...GROUP, ...ops]).at(-1) ?? "";
}

describe("the form", () => {
  test("is one object a line with its number, errno, result and events", () => {
    assert.equal(
      last({ op: "is_active", ill: "net0/v4" }),
      '{"i":10,"op":"is_active","errno":0,"result":true,"events":[]}',
    );
    assert.equal(
      last({ op: "kstat_write", grp: "ipmp0" }),
      '{"i":10,"op":"kstat_write","errno":"EACCES","result":null,"events":[]}',
    );
  });

  test("escapes quotes, backslashes and control characters, and nothing else", () => {
    const line = last({ op: "grp_rename", grp: "ipmp0", grname: 'a"b\\c/d\u0001\t\u007f' });
    assert.ok(line.includes('"result":"a\\"b\\\\c/d\\u0001\\u0009\u007f"'), line);
  });

  test("leaves queries out of effects only, and nothing else", () => {
    const ops = [
      ...GROUP,
      { op: "get_xmit_ill", ill: "net0/v4", is_unicast: true },
      { op: "ill_refresh_active", ill: "net0/v4" },
    ];
    const all = run([...ops, { op: "hold_ipmp_ill", ill: "net0/v4" }]);
    const effects = run([...ops, { op: "hold_ipmp_ill", ill: "net0/v4" }], true);
    assert.ok(all.at(-1)?.includes("ill_check_and_refhold"));
    assert.deepEqual(
      effects,
      all.map((line) => line.replaceAll(/\{"ev":"ill_check_and_refhold"[^}]*\}/g, "")),
    );
  });

  test("a panic is the last line, with the events before it", () => {
    const ops = [
      { op: "grp_rename", grp: "ipmp0", grname: "a" },
      { ...META, phyint: "ipmp1" },
      { op: "grp_create", grname: "a", phyint: "ipmp1" },
      { op: "dump" },
    ];
    const lines = run([...GROUP, ...ops]);
    assert.equal(
      lines.at(-1),
      '{"i":12,"op":"grp_create","panic":true,"events":[{"ev":"kstat_create","name":"a","ok":true},{"ev":"kstat_install","name":"a"}]}',
    );
    assert.equal(lines.length, 12);
  });
});

describe("rarely seen", () => {
  test("a timer armed by a timer goes off within the same advance of the clock", () => {
    const line = last(
      { op: "fault", point: "ip_dlnotify_alloc", skip: 0, count: 2 },
      { op: "ill_refresh_active", ill: "net0/v4" },
      { op: "fault", point: "ipsq_try_enter", skip: 0, count: 2 },
      { op: "clock", secs: 1000 },
    );
    const events = (JSON.parse(line) as { events: { ev: string; at?: number }[] }).events;
    assert.deepEqual(
      events.filter(({ ev }) => ev === "timer").map(({ at }) => at),
      [120, 240, 360],
    );
    assert.equal(events.at(-2)?.ev, "put");
    assert.equal(events.at(-1)?.ev, "ipsq_exit");
    assert.ok(line.includes('"result":1000'));
  });

  test("every fault point fails after its skips, as often as asked", () => {
    for (const point of FAULT_POINTS) {
      const [line] = run([{ op: "fault", point, skip: 1, count: 1 }]);
      assert.equal(line, '{"i":1,"op":"fault","errno":0,"result":null,"events":[]}');
    }
    const lines = run([
      META,
      { op: "fault", point: "mod_hash_reserve", skip: 0, count: 1 },
      { op: "grp_create", grname: "ipmp0", phyint: "ipmp0" },
      { op: "fault", point: "kstat_create", skip: 1, count: 1 },
      { op: "grp_create", grname: "ipmp0", phyint: "ipmp0" },
      { op: "grp_destroy", grp: "ipmp0" },
      { op: "grp_create", grname: "ipmp0", phyint: "ipmp0" },
      { op: "grp_create", grname: "ipmp0", phyint: "ipmp0" },
    ]);
    assert.ok(
      lines[2]?.endsWith(
        '"result":null,"events":[{"ev":"kstat_create","name":"ipmp0","ok":true},{"ev":"kstat_install","name":"ipmp0"},{"ev":"kstat_delete","name":"ipmp0"}]}',
      ),
    );
    assert.ok(lines[4]?.includes('"result":"ipmp0"'));
    assert.ok(lines[6]?.endsWith('"result":null,"events":[{"ev":"kstat_create","name":"ipmp0","ok":false}]}'));
    assert.ok(lines[7]?.includes('"result":"ipmp0"'));
  });

  test("a deferred unplumb keeps its name until ipsq_exit, and its counters are counted once", () => {
    const lines = run([
      ...GROUP,
      { op: "kstat_set", name: "net0", ks_type: "NAMED", ks_data: [["obytes64", "uint64", "70"]] },
      { op: "ipif_down", ipif: "test" },
      { op: "ipif_del", ipif: "test" },
      { op: "unplumb", phyint: "net0", defer: true },
      { op: "kstat_read", grp: "ipmp0" },
      link("net0", 3),
      { op: "ipsq_exit", phyint: "net0" },
      link("net0", 3),
      { op: "ipsq_exit", phyint: "net0" },
    ]);
    assert.ok(lines[13]?.includes('"obytes64":"70"'));
    assert.ok(lines[14]?.includes('"error"'));
    assert.ok(lines[16]?.includes('"errno":0'));
    assert.ok(lines[17]?.includes('"error"'));
  });

  test("what a trace cannot know to be gone is ENOENT", () => {
    const ops = [
      { op: "ncec_set", ncec: "x", state: "ND_STALE" },
      { op: "ncec_del", ncec: "x" },
      { op: "ncec_flush_nce", ncec: "x" },
      { op: "ncec_fastpath", ncec: "x" },
      { op: "nce_add", ill: "net0/v4", ncec: "x" },
      { op: "nce_del", ill: "net0/v4", addr: "192.0.2.1" },
      { op: "ire_del", ire: "x" },
      { op: "arpent_destroy", illgrp: "ipmp0/v4", addr: "192.0.2.1" },
      { op: "arpent_mark", illgrp: "ipmp0/v4", addr: "192.0.2.1" },
    ];
    for (const op of ops) assert.match(last(op), /"errno":"ENOENT","result":null/, op.op);
  });

  test("an ill set through ill_set keeps everything else", () => {
    const before = last({ op: "dump" });
    const after = last({ op: "ill_set", ill: "net0/v4", ill_type: 7, ill_mactype: 8 }, { op: "dump" });
    assert.equal(
      after.replace('"i":11', '"i":10'),
      before.replace('"ill":"net0/v4","ill_mactype":4,"ill_type":6', '"ill":"net0/v4","ill_mactype":8,"ill_type":7'),
    );
  });

  test("kstat_put changes the first of a name in place or appends, also where there was no data", () => {
    const lines = run([
      { op: "kstat_set", name: "net0", ks_type: "NAMED", ks_data: null },
      ...GROUP,
      { op: "kstat_put", name: "net0", stats: [["obytes", "int32", "-1"]] },
      { op: "kstat_read", grp: "ipmp0" },
      {
        op: "kstat_put",
        name: "net0",
        stats: [
          ["obytes", "uint64", "5"],
          ["rbytes", "uint64", "1"],
          ["rbytes", "uint64", "2"],
        ],
      },
      { op: "kstat_read", grp: "ipmp0" },
      { op: "kstat_del", name: "net0", stat: "obytes" },
      { op: "kstat_del", name: "net0", stat: "obytes" },
      { op: "kstat_read", grp: "ipmp0" },
    ]);
    assert.ok(lines[11]?.includes('"obytes":"4294967295"'));
    assert.ok(lines[13]?.includes('"obytes":"5"') && lines[13].includes('"rbytes":"2"'));
    assert.ok(lines[15]?.includes('"ENOENT"'));
    assert.ok(lines[16]?.includes('"obytes":"0"'));
  });
});

describe("misuse", () => {
  test("draws an error line and the replay goes on", () => {
    const lines = Array.from(
      replay(["", "{", "3", "[]", '{"op":7}', '{"op":"no\\"such"}', '{"op":"d\u00fcmp"}', '{"op":"dump"}']),
    );
    for (const line of lines.slice(0, -1)) assert.match(line, /^\{"i":\d,"op":"[^,]*","error":".+"\}$/);
    assert.ok(lines[5]?.startsWith('{"i":6,"op":"no\\"such","error"'));
    assert.ok(lines.at(-1)?.startsWith('{"i":8,"op":"dump","errno":0'));
  });

  test("no op takes an empty object, a wrong type or an unknown name for what it needs", () => {
    for (const name of OPS.keys()) {
      if (name === "dump") continue;
      for (const extra of [{}, { phyint: 1, ill: [], grp: {}, illgrp: null, ipif: true, name: 5, ncec: 0, secs: -1 }]) {
        const [line] = run([{ op: name, ...extra }]);
        assert.match(line ?? "", /"error":"/, name);
      }
    }
  });

  test("changes nothing, whatever is wrong with an op of a recorded trace", () => {
    const trace = readFileSync(root("test", "conformance", "quirks", "q18_fastpath_addr.jsonl"), "utf8").split("\n");
    const wrong: readonly unknown[] = [undefined, null, -1, 1e300, "", "net9", [], ["UP", 3], {}, true, "0.0.0.0.0"];
    const run = new Replay(false);
    const dump = () => run.next('{"op":"dump"}').replace(/^\{"i":\d+/, "");
    for (const line of trace.filter((text) => text !== "")) {
      const op = JSON.parse(line) as Record<string, unknown>;
      for (const key of Object.keys(op)) {
        for (const value of wrong) {
          const before = dump();
          const answer = run.next(JSON.stringify({ ...op, [key]: value }));
          if (answer.includes('"error":')) assert.equal(dump(), before, `${line} with ${key} ${JSON.stringify(value)}`);
          if (run.ended) return;
        }
      }
      run.next(line);
    }
  });

  test("is told apart from a rule of the kernel by nothing but its text", () => {
    for (const op of [
      { op: "grp_create", grname: "b", phyint: "ipmp0" },
      { op: "illgrp_create", ill: "net0/v4" },
      { op: "illgrp_destroy", illgrp: "ipmp0/v4" },
      { op: "phyint_join", phyint: "net0", grp: "ipmp0" },
      { op: "ill_join", ill: "net0/v4", illgrp: "ipmp0/v4" },
      { op: "unplumb", phyint: "net0" },
      { op: "unplumb_ill", ill: "net0/v4" },
      { op: "ipif_up", ipif: "test" },
      { op: "ipif_add", ipif: "test", ill: "net0/v4", addr: "192.0.2.1", flags: [] },
      { op: "ipif_add", ipif: "new", ill: "net0/v4", addr: "192.0.2.01", flags: [] },
      { op: "ipif_add", ipif: "new", ill: "net0/v4", addr: "2001:db8:0:0:0:0:0:1", flags: [] },
      { op: "bound_ill", ipif: "test" },
      { op: "kstat_put", name: "net0", stats: [] },
      { op: "grp_create", grname: "x".repeat(31), phyint: "ipmp0" },
      link("net0", 9),
      { op: "plumb_ill", phyint: "net0", v4: link("x", 1) },
      { op: "phyint_flags", phyint: "net0", set: ["IPMP"] },
    ])
      assert.match(last(op), /"error":"/, JSON.stringify(op));
  });
});
