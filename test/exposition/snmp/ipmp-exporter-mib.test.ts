import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { notificationOf } from "#src/exposition/snmp/mibs/notification.js";
import { formatOid, startsWith } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree, DEFAULT_ENTERPRISE, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
import { NET_INDEX, NET_STATISTICS } from "#src/kstat/net.js";
import type { Transition } from "#src/snapshot/event.js";
import { root } from "../../support/root.ts";
import { EXAMPLE } from "../../support/snapshot.ts";
import { facts } from "./facts.ts";
import { view } from "./view.ts";

const OBJECTS = `${DEFAULT_ENTERPRISE.join(".")}.1`;
const GROUPS = `${OBJECTS}.1.1`;
const MEMBERS = `${OBJECTS}.2.1`;
const KSTATS = `${OBJECTS}.3.1`;
const ADDRESSES = `${OBJECTS}.4.1`;
const SHARED_FATES = `${OBJECTS}.7.1`;
const SURVIVES = `${OBJECTS}.8.1`;
const IPMP0 = 1_000_001;
const DEFAULT = 1_000_002;
const example = view(EXAMPLE);

describe("ipmpGroupTable", () => {
  const group = (column: number, ifindex = IPMP0) => example(`${GROUPS}.${column}.${ifindex}`);

  test("says what a group is and how many of its members are what", () => {
    assert.deepEqual(
      [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13].map((column) => group(column)),
      ["ipmp0", "ipmp0", 1, "ipmp", 2, 3, 1, 1, 0, 0, 1],
    );
  });

  test("has failovers, nominees and addresses where the group has such", () => {
    assert.deepEqual(
      [14, 15, 16, 17, 18].map((column) => group(column)),
      [3n, 1500, 3, 2, 0],
    );
    assert.deepEqual(
      [15, 16, 17, 18].map((column) => group(column, DEFAULT)),
      [undefined, undefined, undefined, undefined],
    );
  });

  test("counts whole seconds in each state", () =>
    assert.deepEqual(
      [19, 20, 21].map((column) => group(column)),
      [0n, 3599n, 0n],
    ));
});

describe("ipmpMemberTable", () => {
  const member = (column: number, ifindex: number) => example(`${MEMBERS}.${column}.${IPMP0}.${ifindex}`);

  test("says what a member is to its group", () => {
    assert.deepEqual(
      [2, 3, 5, 6, 7, 8, 9, 10, 11].map((column) => member(column, 3)),
      ["eth1", 2, 2, 1, 1, 0, 0n, 0n, "standby"],
    );
    assert.deepEqual(
      [9, 10].map((column) => member(column, 2)),
      [3n, 3n],
    );
    // RUNNING, STANDBY, INACTIVE: bits 0, 2, 3 from the left.
    assert.deepEqual(member(4, 3), Uint8Array.of(0b1011_0000));
  });

  test("has the member's share, to the unit", () => {
    const share = EXAMPLE.groups[1]?.members[0]?.share;
    assert.equal(member(13, 2), share?.[NET_INDEX.rbytes64]);
    assert.equal(member(14, 2), 2n ** 53n + 3n);
    assert.equal(member(20, 2), undefined, "what the source cannot provide is absent");
  });

  test("together with what the departed left is the group's kstat", () => {
    const departed = EXAMPLE.groups[1]?.departed[NET_INDEX.obytes64] ?? 0n;
    const shares = [2, 3].map((ifindex) => member(14, ifindex) as bigint);
    assert.equal(
      shares.reduce((sum, part) => sum + part, departed),
      example(`${KSTATS}.2.${IPMP0}`),
    );
  });
});

describe("what fails together", () => {
  const index = (text: string) => `${text.length}.${[...Buffer.from(text)].join(".")}`;

  test("has a row for each thing that members share, with the reason where it is meant to be so", () => {
    const shared = EXAMPLE.groups.find(({ ifname }) => ifname === "ipmp0")?.fate?.shared ?? [];
    assert.ok(shared.length > 1);
    const kinds = ["", "link", "card", "switch", "gateway", "chassis", "driver"];
    for (const { kind, domain, accepted } of shared) {
      const row = `${IPMP0}.${kinds.indexOf(kind)}.${index(domain)}`;
      assert.equal(example(`${SHARED_FATES}.3.${row}`), accepted === undefined ? 2 : 1, `${kind} ${domain}`);
      assert.equal(example(`${SHARED_FATES}.4.${row}`), accepted ?? "");
    }
    assert.ok(shared.some(({ accepted }) => accepted !== undefined) && shared.some(({ accepted }) => !accepted));
  });

  test("says whether a group outlives each kind of thing, and nothing where that is not known", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6].map((kind) => example(`${SURVIVES}.2.${IPMP0}.${kind}`)),
      [1, 2, undefined, undefined, undefined, 2],
    );
    assert.equal(example(`${SURVIVES}.2.${DEFAULT}.1`), undefined);
  });

  test("has the first 64 octets of a long name, once", () => {
    const shared = ["a", "b"].map(
      (end) => ({ kind: "link", domain: `${"é".repeat(32)}${end}`, accepted: end }) as const,
    );
    const groups = EXAMPLE.groups.map((group) => ({ ...group, fate: { shared, survives: {} } }));
    const octets = [...Buffer.from("é".repeat(32))];
    const row = `${IPMP0}.1.64.${octets.join(".")}`;
    assert.equal(view({ ...EXAMPLE, groups })(`${SHARED_FATES}.4.${row}`), "a");
  });
});

test("ipmpKstatTable has the 15 statistics of the group's kstat, narrow ones modulo 2^32", () => {
  const reading = EXAMPLE.groups.find(({ ifname }) => ifname === "ipmp0")?.kstat;
  for (const [i, { name }] of NET_STATISTICS.entries()) {
    assert.equal(BigInt(example(`${KSTATS}.${i + 1}.${IPMP0}`) as number), reading?.values[i], name);
  }
});

test("ipmpAddressTable is indexed by address, of four octets or sixteen", () => {
  const inbound = example.below(`${ADDRESSES}.3`);
  assert.deepEqual(
    [...inbound],
    [
      [`${IPMP0}.4.192.0.2.10`, 2],
      [`${IPMP0}.4.192.0.2.11`, 0],
      [`${IPMP0}.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.16`, 2],
    ],
  );
  assert.deepEqual([...example.below(`${ADDRESSES}.2`).values()], [1, 2, 1]);
});

describe("the file mibs/IPMP-EXPORTER-MIB", () => {
  const file = root("mibs", "IPMP-EXPORTER-MIB");
  const MIBDIRS = [root("node_modules/net-snmp/lib/mibs"), root("mibs")].join(":");
  const objects = agentTree().objects.filter(({ oid }) => startsWith(oid, DEFAULT_ENTERPRISE));

  test("defines every object of the agent, under the same name with the same type, and no other", () => {
    const text = readFileSync(file, "utf8");
    const defined = new Map<string, string>();
    for (const [, name = "", syntax = ""] of text.matchAll(
      /^(\w+) OBJECT-TYPE\n\s+SYNTAX\s+(\w+)(?:(?!OBJECT-TYPE)[\s\S])*?MAX-ACCESS\s+read-only/gm,
    )) {
      defined.set(name, syntax);
    }
    assert.deepEqual(objects.map(({ name }) => name).toSorted(), [...defined.keys()].toSorted());
    for (const { name, syntax } of objects) {
      assert.equal(SYNTAX_OF[defined.get(name) ?? ""], syntax, name);
    }
  });

  test("names the objects that each notification carries, in their order", () => {
    const tree = agentTree();
    const mibView = new MibView(tree, new MibContext(EXAMPLE, facts()));
    const [group = assert.fail("the example has no group")] = EXAMPLE.groups;
    const [member = assert.fail("the group has no member")] = group.members;
    const { name, ifname } = group;
    const { device, link } = member;
    const about = { group: name, cause: "a test" };
    const carried = (transition: Transition) => {
      const { objects = [], values = [] } = notificationOf(transition, 1, mibView) ?? {};
      assert.deepEqual(
        values.map((value) => formatOid(value.name)),
        [`${OBJECTS}.6.1.0`, `${OBJECTS}.6.2.0`],
      );
      for (const oid of objects) assert.ok(mibView.find(oid, fullAccess(tree)) >= 0, `no instance ${formatOid(oid)}`);
      return [
        ...objects.map((oid) => tree.objects[tree.objectOf(oid)]?.name),
        "ipmpNotificationChanges",
        "ipmpNotificationCause",
      ];
    };
    const clauses = readFileSync(file, "utf8").matchAll(/^(\w+) NOTIFICATION-TYPE\n\s+OBJECTS\s+\{([^}]+)\}/gm);
    assert.deepEqual(Object.fromEntries([...clauses].map(([, type, names = ""]) => [type, names.match(/\w+/g)])), {
      ipmpGroupStateChange: carried({ ...about, kind: "group-state", ifname, from: "ok", to: "failed" }),
      ipmpMemberStateChange: carried({
        ...about,
        kind: "member-state",
        device,
        source: link.id.source,
        ifindex: link.id.ifindex,
        from: "active",
        to: "failed",
      }),
    });
  });

  const translates = spawnSync("snmptranslate", ["-V"]).error === undefined;
  test("gives every object its number", { skip: translates ? false : "Debian's package snmp is not installed" }, () => {
    const environment = { ...process.env, MIBDIRS, MIBS: "IPMP-EXPORTER-MIB" };
    const names = objects.map(({ name }) => `IPMP-EXPORTER-MIB::${name}`);
    const output = execFileSync("snmptranslate", ["-On", ...names], { env: environment, encoding: "utf8" });
    assert.deepEqual(
      output.split("\n").filter(Boolean),
      objects.map(({ oid }) => `.${oid.join(".")}`),
    );
  });

  const lints = spawnSync("smilint", ["-V"]).error === undefined;
  test("has nothing that smilint would remark on", { skip: lints ? false : "smilint is not installed" }, () => {
    const environment = { ...process.env, SMIPATH: MIBDIRS };
    const { stdout, stderr } = spawnSync("smilint", ["-m", "-s", "-l", "6", file], {
      env: environment,
      encoding: "utf8",
    });
    const remarks = `${stdout}${stderr}`.split("\n").filter((line) => line.startsWith(file));
    assert.deepEqual(remarks, []);
  });
});

/** What the types of the file are on the wire. */
const SYNTAX_OF: Readonly<Record<string, string>> = {
  Counter32: "Counter32",
  Counter64: "Counter64",
  Gauge32: "Gauge32",
  Unsigned32: "Gauge32",
  DisplayString: "OctetString",
  BITS: "OctetString",
  TimeStamp: "TimeTicks",
  TruthValue: "Integer32",
  INTEGER: "Integer32",
  InterfaceIndexOrZero: "Integer32",
  IpmpHealth: "Integer32",
  IpmpRole: "Integer32",
};
