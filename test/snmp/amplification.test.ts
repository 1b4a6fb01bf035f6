/**
 * How much a source that is not this host can have sent to somebody whose address it forges: every kind of PDU, from one name to a
 * thousand, in every version and view, over both families. The bound is the one that docs/SECURITY.md tells.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { oid } from "#src/exposition/snmp/protocol/oid.js";
import { FLAG } from "#src/exposition/snmp/protocol/v3-message.js";
import type { View } from "#src/exposition/snmp/view/access.js";
import { LocalizedUser } from "#src/snmp/usm.js";
import { request } from "../exposition/snmp/manager.ts";
import { prefixes } from "../support/net-address.ts";
import { root } from "../support/root.ts";
import { aSnapshot, snapshotsOf } from "../support/snapshot.ts";
import { anEngine } from "./an-snmp-engine.ts";
import { type Asked, OWN, PLAIN, sealed, USER } from "./v3-manager.ts";

const PDUS = {
  GET: [TAG.getRequest, 0],
  GETNEXT: [TAG.getNextRequest, 0],
  "GETBULK of 1": [TAG.getBulkRequest, 1],
  // The largest of one octet.
  "GETBULK of 127": [TAG.getBulkRequest, 127],
  "GETBULK of 1000": [TAG.getBulkRequest, 1000],
  SET: [TAG.setRequest, 0],
  inform: [TAG.informRequest, 0],
  trap: [TAG.trap, 0],
  response: [TAG.response, 0],
  report: [TAG.report, 0],
} as const;
const COUNTS = [1, 2, 3, 5, 8, 10, 12, 16, 20, 30, 50, 64, 100, 200, 500, 1000];
const NAMES = ["1.3", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.2.1000001", "2.100.3"];
const VIEWS: readonly (View | undefined)[] = [
  undefined,
  { include: [oid("1.3.6.1.2.1.1")] },
  { include: [oid("1.3.6.1.2.1.2")] },
  { include: [oid("1.3.6.1.2.1.1.1")] },
  { include: [oid("1.3.6.1.4.1")] },
  { include: [oid("1.3.6.1.6.3.15")] },
];
const SOURCES = { "192.0.2.1": 1472, "2001:db8::1": 1452, "::ffff:192.0.2.1": 1472 };

/** A number of times that docs/SECURITY.md says. */
function stated(sentence: RegExp): number {
  const [, times] = sentence.exec(readFileSync(root("docs/SECURITY.md"), "utf8")) ?? [];
  assert.ok(times, `the page says "${sentence.source}"`);
  return Number(times);
}

/** Of any reply, and of the Report that a stranger gets. */
const REPLY_TIMES = stated(/at most (\d+) times/);
const REPORT_TIMES = stated(/([\d.]+) times the size of the request at most/);

test("no reply is larger than a frame, and none more than the stated number of times its request", () => {
  let largest = { times: 0, what: "" };
  let asked = 0;
  for (const view of VIEWS) {
    const community = { name: "p", sources: prefixes("0.0.0.0/0", "::/0"), ...(view ? { view } : {}) };
    const engine = anEngine({ communities: [community], rate: { perSecond: 1e6, burst: 1e6 } });
    for (const [kind, [type, second]] of Object.entries(PDUS)) {
      for (const count of COUNTS) {
        for (const name of NAMES) {
          for (const version of [0, 1]) {
            const names = Array.from({ length: count }, () => name);
            const datagram = request({ version, community: "p", type, second, names });
            for (const [source, octets] of Object.entries(SOURCES)) {
              asked++;
              const { length } = engine.receive(datagram, source) ?? [];
              assert.ok(length <= octets, `${kind} of ${count} × ${name} from ${source}: ${length} octets`);
              const times = length / datagram.length;
              if (times > largest.times) {
                largest = { times, what: `${kind} of ${count} × ${name}: ${datagram.length} → ${length} octets` };
              }
            }
          }
        }
      }
    }
  }
  process.stdout.write(`largest of ${asked} replies: ${largest.times.toFixed(1)} times, ${largest.what}\n`);
  assert.ok(largest.times > 1 && largest.times <= REPLY_TIMES, `${largest.times} times: ${largest.what}`);
});

test("version 3: a message that was overheard is worth less, and a stranger gets a Report", () => {
  const engine = anEngine({ users: [USER, PLAIN], rate: { perSecond: 1e6, burst: 1e6 } });
  let largest = { times: 0, what: "" };
  const ask = (what: string, datagram: Uint8Array, times: number) => {
    for (const [source, octets] of Object.entries(SOURCES)) {
      const { length } = engine.receive(datagram, source) ?? [];
      assert.ok(
        length <= octets && length <= times * datagram.length,
        `${what}: ${datagram.length} → ${length} octets`,
      );
      if (length > largest.times * datagram.length) {
        largest = { times: length / datagram.length, what: `${what}: ${datagram.length} → ${length} octets` };
      }
    }
  };
  for (const user of [USER, PLAIN]) {
    const keys = new LocalizedUser(user, OWN.id);
    for (const [kind, [type, second]] of Object.entries(PDUS)) {
      for (const count of COUNTS) {
        for (const name of NAMES) {
          const names = Array.from({ length: count }, () => name);
          ask(
            `${kind} of ${count} × ${name} by ${user.name}`,
            sealed({ user, keys, type, second, names }),
            REPLY_TIMES,
          );
        }
      }
    }
    const strangers: Readonly<Record<string, Partial<Asked>>> = {
      "an engine to be found": { engineId: new Uint8Array(0), flags: FLAG.reportable, name: "", names: [] },
      "another engine": { engineId: Buffer.from("8000000001", "hex") },
      "an unknown user": { name: "u", flags: FLAG.reportable },
      "a level that is not the user's": { flags: FLAG.reportable },
      "a wrong digest": { spoil: (message) => message.fill(0, -4) },
      "a time long gone": { time: 1 },
      "boots of another time": { boots: 1 },
    };
    for (const [what, how] of Object.entries(strangers)) ask(what, sealed({ user, keys, ...how }), REPORT_TIMES);
  }
  process.stdout.write(`largest of version 3: ${largest.times.toFixed(1)} times, ${largest.what}\n`);
  assert.ok(largest.times > 1);
});

test("a path that takes less gets less, and a reply never less than every manager can take", () => {
  const communities = [{ name: "public", sources: prefixes("0.0.0.0/0", "::/0") }];
  const bulk = request({ type: TAG.getBulkRequest, second: 1000, names: ["1.3"] });
  for (const [source, mtu, most] of [
    ["192.0.2.1", 1400, 1372],
    ["192.0.2.1", 9000, 1472],
    ["192.0.2.1", 300, 484],
    ["2001:db8::1", 1280, 1232],
    ["fe80::1%eth0", 1500, 1452],
  ] as const) {
    const engine = anEngine({ communities, pathMtu: () => mtu });
    const { length } = engine.receive(bulk, source) ?? [];
    assert.ok(length > most - 150 && length <= most, `${source} ${mtu}: ${length}`);
  }
});

test("a link of which nobody knows the MTU makes no reply shorter", () => {
  const communities = [{ name: "public", sources: prefixes("0.0.0.0/0") }];
  const bulk = request({ type: TAG.getBulkRequest, second: 1000, names: ["1.3"] });
  const groups = [{ name: "wan", members: [{ device: "eth0" }, { device: "eth1" }] }];
  const snapshot = aSnapshot({
    groups,
    links: [
      { name: "eth0", mtu: 1400 },
      { name: "eth1", mtu: 0 },
    ],
  });
  const engine = anEngine({ communities, snapshots: snapshotsOf(snapshot) });
  const { length } = engine.receive(bulk, "192.0.2.1") ?? [];
  assert.ok(length > 1200 && length <= 1372, `${length}`);
});

test("this host may have all", () => {
  const bulk = request({ type: TAG.getBulkRequest, second: 1000, names: ["1.3"] });
  assert.ok((anEngine().receive(bulk, "127.0.0.1")?.length ?? 0) > 1472);
});
