/** Our objects against the MIB files of their modules, and every object that ifCompliance3 (RFC 2863) asks for. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { compareOids, type Oid, startsWith } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import { root } from "../../support/root.ts";
import { aSnapshot, EXAMPLE, STARTED } from "../../support/snapshot.ts";
import { facts } from "./facts.ts";
import { view } from "./view.ts";

const tree = agentTree();
const translates = spawnSync("snmptranslate", ["-V"]).error === undefined;
const skip = translates ? false : "Debian's package snmp is not installed";

/** Roots of the modules whose files the package net-snmp brings. */
const MODULES: readonly (readonly [string, Oid])[] = [
  ["SNMPv2-MIB", [1, 3, 6, 1, 2, 1, 1]],
  ["SNMPv2-MIB", [1, 3, 6, 1, 2, 1, 11]],
  ["IF-MIB", [1, 3, 6, 1, 2, 1, 2]],
  ["IF-MIB", [1, 3, 6, 1, 2, 1, 31]],
];

test("objects of SNMPv2-MIB and IF-MIB have the numbers of their modules", { skip }, () => {
  const environment = { ...process.env, MIBDIRS: root("node_modules/net-snmp/lib/mibs"), MIBS: "SNMPv2-MIB:IF-MIB" };
  const objects = MODULES.flatMap(([module, prefix]) =>
    tree.objects
      .filter(({ oid }) => startsWith(oid, prefix))
      .map(({ name, oid }) => ({ name: `${module}::${name}`, oid })),
  );
  assert.ok(objects.length > 60, String(objects.length));
  const output = execFileSync("snmptranslate", ["-On", ...objects.map(({ name }) => name)], {
    env: environment,
    encoding: "utf8",
  });
  assert.deepEqual(
    output.split("\n").filter(Boolean),
    objects.map(({ oid }) => `.${oid.join(".")}`),
  );
});

describe("ifCompliance3", () => {
  const at = (s: number) => hrtime(STARTED + seconds(s));
  const current = {
    rbytes64: 2n ** 40n + 1n,
    obytes64: 2n ** 41n + 2n,
    ipackets64: 1000n,
    opackets64: 2000n,
    ierrors: 3n,
    oerrors: 4n,
    multircv: 50n,
    brdcstrcv: 7n,
    multixmt: 60n,
    brdcstxmt: 8n,
  };
  const snapshot = aSnapshot({
    at: at(100),
    tableLastChange: at(20),
    stackLastChange: at(30),
    groups: [
      { name: "ipmp0", ifname: "ipmp0", lastChange: at(40), crtime: at(5), members: [{ device: "eth0", current }] },
    ],
    links: [
      {
        name: "eth0",
        ifindex: 10,
        alias: "uplink",
        lladdr: "02:00:5e:00:00:01",
        speedBitsPerSecond: 25_000_000_000,
        promiscuous: true,
        lastChange: at(50),
        more: { norcvbuf: 11n, noxmtbuf: 12n, unknowns: 13n },
      },
    ],
  });
  const value = view(snapshot);
  const GROUP = 1_000_001;
  const LOW = 2 ** 32;

  /** Of the member with ifIndex 10, and of the group; undefined: no such instance. */
  const COLUMNS: readonly (readonly [string, string, unknown, unknown])[] = [
    ["ifIndex", "Integer32", 10, GROUP],
    ["ifDescr", "OctetString", "eth0", "ipmp0"],
    ["ifType", "Integer32", 6, 53],
    ["ifMtu", "Integer32", 1500, 1500],
    ["ifSpeed", "Gauge32", 4_294_967_295, 4_294_967_295],
    ["ifPhysAddress", "OctetString", Uint8Array.of(2, 0, 0x5e, 0, 0, 1), new Uint8Array(0)],
    ["ifAdminStatus", "Integer32", 1, 1],
    ["ifOperStatus", "Integer32", 1, 1],
    ["ifLastChange", "TimeTicks", 5000, 4000],
    ["ifInOctets", "Counter32", Number(current.rbytes64) % LOW, Number(current.rbytes64) % LOW],
    ["ifInUcastPkts", "Counter32", 943, 943],
    ["ifInDiscards", "Counter32", 11, undefined],
    ["ifInErrors", "Counter32", 3, 3],
    ["ifInUnknownProtos", "Counter32", 13, undefined],
    ["ifOutOctets", "Counter32", Number(current.obytes64) % LOW, Number(current.obytes64) % LOW],
    ["ifOutUcastPkts", "Counter32", 1932, 1932],
    ["ifOutDiscards", "Counter32", 12, undefined],
    ["ifOutErrors", "Counter32", 4, 4],
    ["ifName", "OctetString", "eth0", "ipmp0"],
    ["ifInMulticastPkts", "Counter32", 50, 50],
    ["ifInBroadcastPkts", "Counter32", 7, 7],
    ["ifOutMulticastPkts", "Counter32", 60, 60],
    ["ifOutBroadcastPkts", "Counter32", 8, 8],
    ["ifHCInOctets", "Counter64", current.rbytes64, current.rbytes64],
    ["ifHCInUcastPkts", "Counter64", 943n, 943n],
    ["ifHCInMulticastPkts", "Counter64", 50n, 50n],
    ["ifHCInBroadcastPkts", "Counter64", 7n, 7n],
    ["ifHCOutOctets", "Counter64", current.obytes64, current.obytes64],
    ["ifHCOutUcastPkts", "Counter64", 1932n, 1932n],
    ["ifHCOutMulticastPkts", "Counter64", 60n, 60n],
    ["ifHCOutBroadcastPkts", "Counter64", 8n, 8n],
    ["ifLinkUpDownTrapEnable", "Integer32", 1, 1],
    ["ifHighSpeed", "Gauge32", 25_000, 25_000],
    ["ifPromiscuousMode", "Integer32", 1, 2],
    ["ifConnectorPresent", "Integer32", 1, 2],
    ["ifAlias", "OctetString", "uplink", "ipmp0"],
    ["ifCounterDiscontinuityTime", "TimeTicks", 0, 500],
  ];

  for (const [name, syntax, member, group] of COLUMNS) {
    test(`${name} is ${syntax}, for a member and for a group`, () => {
      const object = tree.objects.find((one) => one.name === name);
      assert.ok(object);
      assert.equal(object.syntax, syntax);
      assert.deepEqual(value([...object.oid, 10].join(".")), member);
      assert.deepEqual(value([...object.oid, GROUP].join(".")), group);
    });
  }

  for (const [name, syntax, expected] of [
    ["ifNumber", "Integer32", 2],
    ["ifTableLastChange", "TimeTicks", 2000],
    ["ifStackLastChange", "TimeTicks", 3000],
    ["sysUpTime", "TimeTicks", 10_000],
  ] as const) {
    test(`${name} is ${syntax}`, () => {
      const object = tree.objects.find((one) => one.name === name);
      assert.equal(object?.syntax, syntax);
      assert.equal(value([...(object?.oid ?? []), 0].join(".")), expected);
    });
  }

  test("every object of the tables is in the list above, but for the deprecated", () => {
    const listed = new Set(COLUMNS.map(([name]) => name));
    const tables = tree.tables.filter(({ name }) => name === "ifTable" || name === "ifXTable");
    const others = tables.flatMap(({ columns }) => columns.map(({ name }) => name)).filter((name) => !listed.has(name));
    assert.deepEqual(others, ["ifInNUcastPkts", "ifOutNUcastPkts"]);
  });
});

test("a walk goes on in strictly increasing order while links and groups come and go", () => {
  const few = aSnapshot({ groups: [{ name: "a", members: [{ device: "x0" }] }] });
  const many = aSnapshot({
    groups: Array.from({ length: 5 }, (_, i) => ({
      name: `g${i}`,
      members: Array.from({ length: 7 }, (_, j) => ({ device: `v${i}-${j}` })),
    })),
  });
  const stores = [few, EXAMPLE, many].map((snapshot) => new MibView(tree, new MibContext(snapshot, facts())));
  const access = fullAccess(tree);
  let name: Oid = [0, 0];
  for (let step = 0; ; step++) {
    const mibView = stores[step % stores.length];
    assert.ok(mibView);
    const position = mibView.after(name, access);
    if (position < 0) break;
    const next = mibView.name(position);
    assert.ok(compareOids(name, next) < 0, `${name.join(".")} before ${next.join(".")}`);
    name = next;
    assert.ok(step < 100_000);
  }
});
