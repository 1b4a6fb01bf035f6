import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stack } from "#src/exposition/snmp/mibs/if-mib.js";
import { interfaceRows } from "#src/exposition/snmp/mibs/interface-rows.js";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { formatOid, oid } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
import { registrations } from "#src/exposition/snmp/view/registrations.js";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { aSnapshot, EXAMPLE, type GroupInput, STARTED } from "../../support/snapshot.ts";
import { facts } from "./facts.ts";
import { view } from "./view.ts";

const tree = agentTree();
const IF = "1.3.6.1.2.1.2.2.1";
const IFX = "1.3.6.1.2.1.31.1.1.1";

/** The value of an instance, undefined where there is none. */
function value(snapshot: Snapshot, name: string): unknown {
  const mibView = new MibView(tree, new MibContext(snapshot, facts()));
  const position = mibView.find(oid(name), fullAccess(tree));
  return position < 0 ? undefined : mibView.value(position)?.value;
}

const column = (snapshot: Snapshot, entry: string, number: number) => (ifindex: number) =>
  value(snapshot, `${entry}.${number}.${ifindex}`);

const GROUP = 1_000_001;

describe("rows of ifTable", () => {
  test("are the groups and their members, and no other link", () => {
    assert.deepEqual(
      interfaceRows(EXAMPLE, "down").map(({ ifindex, name }) => [ifindex, name]),
      [
        [2, "eth0"],
        [3, "eth1"],
        [4, "wan0"],
        [5, "wan1"],
        [1_000_001, "ipmp0"],
        [1_000_002, "default"],
      ],
    );
    assert.equal(value(EXAMPLE, "1.3.6.1.2.1.2.1.0"), 6);
  });

  test("show a bond once, under its own ifIndex, as the group with the link's MAC", () => {
    const snapshot = aSnapshot({
      groups: [
        { name: "bond0", ifindex: 40, source: "bond", mode: "active-backup", members: [{ device: "eth0" }] },
        { name: "ipmp0", members: [{ device: "bond0" }] },
      ],
      links: [{ name: "bond0", ifindex: 40, kind: "bond", lladdr: "02:00:5e:00:00:01" }],
    });
    const rows = interfaceRows(snapshot, "down").filter(({ ifindex }) => ifindex === 40);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.type, 161);
    assert.deepEqual(rows[0]?.physAddress, Uint8Array.of(2, 0, 0x5e, 0, 0, 1));
    assert.deepEqual(
      stack(new MibContext(snapshot, facts())).map(formatOidPair).toSorted(),
      ["0.1000002", "1000002.40", "3.0", "40.3"].toSorted(),
    );
  });
});

const formatOidPair = (pair: readonly number[]) => pair.join(".");

describe("a group as an interface", () => {
  const members: GroupInput["members"] = [
    { device: "eth0", current: { rbytes64: 2n ** 33n + 5n, ipackets64: 100n, multircv: 7n } },
    { device: "eth1" },
    { device: "eth2", state: "inactive", standby: true },
  ];
  const links = [
    { name: "eth0", ifindex: 10, speedBitsPerSecond: 1_000_000_000 },
    { name: "eth1", ifindex: 11, speedBitsPerSecond: 10_000_000_000 },
    { name: "eth2", ifindex: 12, speedBitsPerSecond: 1_000_000_000 },
  ];
  const healthy = aSnapshot({ groups: [{ name: "ipmp0", members }], links });
  const oneFailed = aSnapshot({
    groups: [{ name: "ipmp0", members: members.map((m) => (m.device === "eth1" ? { ...m, state: "failed" } : m)) }],
    links,
  });
  const allFailed = aSnapshot({
    groups: [{ name: "ipmp0", members: members.map((m) => ({ ...m, state: "failed" as const })) }],
    links,
  });

  test("has ifName and ifDescr = its ifname, type propVirtual, no address and no connector", () => {
    assert.equal(column(healthy, IF, 2)(GROUP), "ipmp0");
    assert.equal(column(healthy, IFX, 1)(GROUP), "ipmp0");
    assert.equal(column(healthy, IF, 3)(GROUP), 53);
    assert.deepEqual(column(healthy, IF, 6)(GROUP), new Uint8Array(0));
    assert.equal(column(healthy, IFX, 17)(GROUP), 2);
    assert.equal(column(healthy, IFX, 17)(10), 1);
  });

  test("loses the speed of a member that fails, and is down below when all have", () => {
    const status = (snapshot: Snapshot) => [
      column(snapshot, IF, 8)(GROUP),
      column(snapshot, IFX, 15)(GROUP),
      column(snapshot, IF, 5)(GROUP),
    ];
    assert.deepEqual(status(healthy), [1, 11_000, 4_294_967_295]);
    assert.deepEqual(status(oneFailed), [1, 1000, 1_000_000_000]);
    assert.deepEqual(status(allFailed), [2, 0, 0]);
  });

  test("that is a bond is as fast as its driver says: one that sends everything over all slaves as one of them", () => {
    const speedOf = (speedBitsPerSecond: number | undefined) => {
      const snapshot = aSnapshot({
        groups: [{ name: "bond0", ifindex: 40, source: "bond", members: [{ device: "eth0" }, { device: "eth1" }] }],
        links: [
          { name: "bond0", ifindex: 40, kind: "bond", speedBitsPerSecond },
          ...["eth0", "eth1"].map((name, n) => ({ name, ifindex: 10 + n, speedBitsPerSecond: 10e9 })),
        ],
      });
      return column(snapshot, IFX, 15)(40);
    };
    assert.equal(speedOf(10e9), 10_000);
    assert.equal(speedOf(undefined), 20_000, "where the driver does not know, the sum of the members in use");
  });

  test("of which every member has failed is down, as its link without carrier from below; RFC 2863's word is for who asks for it", () => {
    const snapshot = aSnapshot({
      groups: [{ name: "ipmp0", ifindex: 40, members: [{ device: "eth0", state: "failed" }] }],
      links: [{ name: "eth0", ifindex: 9, operState: "lowerLayerDown", running: false }],
    });
    const statuses = (failedStatus: "down" | "lowerLayerDown") =>
      interfaceRows(snapshot, failedStatus).map(({ operStatus }) => operStatus);
    assert.deepEqual(statuses("down"), [2, 2]);
    assert.deepEqual(statuses("lowerLayerDown"), [7, 7]);
  });

  test("has the discards of its members, where their system tells them", () => {
    const discardsOf = (discards: { in: bigint | undefined; out: bigint | undefined }) => {
      const snapshot = aSnapshot({ groups: [{ name: "ipmp0", ifindex: 40, discards, members: [{ device: "eth0" }] }] });
      return [13, 19].map((number) => column(snapshot, IF, number)(40));
    };
    assert.deepEqual(discardsOf({ in: 2n ** 32n + 5n, out: 0n }), [5, 0]);
    assert.deepEqual(discardsOf({ in: undefined, out: undefined }), [undefined, undefined]);
  });

  test("taken down by the administrator is down, not lowerLayerDown", () => {
    const snapshot = aSnapshot({
      groups: [{ name: "bond0", ifindex: 40, source: "bond", members: [{ device: "eth0", state: "failed" }] }],
      links: [{ name: "bond0", ifindex: 40, kind: "bond", adminUp: false, running: false }],
    });
    assert.equal(column(snapshot, IF, 7)(40), 2);
    assert.equal(column(snapshot, IF, 8)(40), 2);
  });

  test("has the low half of every 64-bit counter in the 32-bit one", () => {
    for (const ifindex of [GROUP, 10]) {
      assert.equal(column(healthy, IF, 10)(ifindex), 5);
      assert.equal(column(healthy, IFX, 6)(ifindex), 2n ** 33n + 5n);
    }
  });

  test("splits packets so that the parts are the whole", () => {
    const total = EXAMPLE.groups[1]?.total[NET_INDEX.ipackets64];
    const parts = [7, 8, 9].map((number) => (column(EXAMPLE, IFX, number)(GROUP) as bigint | undefined) ?? 0n);
    assert.equal(
      parts.reduce((sum, part) => sum + part),
      total,
    );
    assert.equal(column(healthy, IFX, 7)(GROUP), 93n);
    assert.equal(column(healthy, IFX, 8)(GROUP), 7n);
  });

  test("never shows unicast packets below zero", () => {
    const snapshot = aSnapshot({
      groups: [{ name: "ipmp0", members: [{ device: "eth0", current: { ipackets64: 3n, multircv: 4n } }] }],
    });
    assert.equal(column(snapshot, IFX, 7)(GROUP), 0n);
  });

  test("keeps no discards and says so by absence; a member shows what its link has", () => {
    assert.equal(column(EXAMPLE, IF, 13)(GROUP), undefined);
    assert.equal(column(EXAMPLE, IF, 13)(5), 3);
    assert.equal(column(EXAMPLE, IF, 13)(2), undefined);
  });

  test("lies over its members in ifStackTable", () => {
    assert.deepEqual(stack(new MibContext(oneFailed, facts())).map(formatOid).toSorted(), [
      "0.1000001",
      "10.0",
      "1000001.10",
      "1000001.11",
      "1000001.12",
      "11.0",
      "12.0",
    ]);
  });
});

describe("a member as an interface", () => {
  const member = (link: object) =>
    aSnapshot({ groups: [{ name: "g", members: [{ device: "x0" }] }], links: [{ name: "x0", ifindex: 9, ...link }] });

  for (const [link, type] of [
    [{ hardwareType: 1 }, 6],
    [{ hardwareType: 772 }, 24],
    [{ hardwareType: 512 }, 23],
    [{ hardwareType: 776 }, 131],
    [{ hardwareType: 1, kind: "bond" }, 161],
    [{ hardwareType: 1, kind: "vlan" }, 135],
    [{ hardwareType: 1, kind: "veth" }, 6],
    [{ hardwareType: 12_345 }, 1],
  ] as const) {
    test(`${JSON.stringify(link)} has ifType ${type}`, () => assert.equal(column(member(link), IF, 3)(9), type));
  }

  for (const [link, status] of [
    [{ operState: "up" }, 1],
    [{ operState: "down" }, 2],
    [{ operState: "testing" }, 3],
    [{ operState: "dormant" }, 5],
    [{ operState: "notPresent" }, 6],
    [{ operState: "lowerLayerDown" }, 2],
    [{ operState: "unknown", running: true }, 1],
    [{ operState: "unknown", running: false }, 4],
    [{ operState: "unknown", running: false, adminUp: false }, 2],
  ] as const) {
    test(`${JSON.stringify(link)} has ifOperStatus ${status}`, () =>
      assert.equal(column(member(link), IF, 8)(9), status));
  }

  test("has an alias of at most 64 octets, cut between characters", () => {
    const alias = column(member({ alias: "ü".repeat(40) }), IFX, 18)(9);
    assert.equal(alias, "ü".repeat(32));
  });
});

describe("times", () => {
  const at = (s: number) => hrtime(STARTED + seconds(s));
  const snapshot = aSnapshot({
    at: at(500),
    tableLastChange: at(12),
    stackLastChange: at(-5),
    groups: [{ name: "g", members: [{ device: "x0" }], lastChange: at(3), crtime: at(1) }],
    links: [{ name: "x0", ifindex: 9, lastChange: hrtime(STARTED + 4_999_999n) }],
  });

  test("count hundredths of a second from the start of the agent, and not backwards", () => {
    assert.equal(value(snapshot, "1.3.6.1.2.1.1.3.0"), 50_000);
    assert.equal(value(snapshot, "1.3.6.1.2.1.31.1.5.0"), 1200);
    assert.equal(value(snapshot, "1.3.6.1.2.1.31.1.6.0"), 0);
    assert.equal(column(snapshot, IF, 9)(GROUP), 300);
    assert.equal(column(snapshot, IF, 9)(9), 0);
    assert.equal(column(snapshot, IFX, 19)(GROUP), 100);
  });

  test("wrap after 497 days", () => {
    const later = { ...snapshot, at: hrtime(STARTED + 2n ** 32n * 10_000_000n + 70_000_000n) };
    assert.equal(value(later, "1.3.6.1.2.1.1.3.0"), 7);
  });
});

describe("links of another system", () => {
  /** Beside each link and each group one of another system, with the same ifIndex; and one with an ifIndex of its own. */
  const ifindexes = [...EXAMPLE.links.map(({ id }) => id.ifindex), ...EXAMPLE.groups.map(({ ifindex }) => ifindex), 99];
  const { links } = aSnapshot({
    groups: [],
    links: ifindexes.map((ifindex) => ({
      name: `their${ifindex}`,
      ifindex,
      adminUp: false,
      alias: "theirs",
      lladdr: "02:00:5e:ff:ff:ff",
      addresses: [{ address: "198.51.100.7", prefixLength: 24 }],
    })),
  });
  const theirs = links.map((link) => ({ ...link, id: { ...link.id, source: "host" } }));
  const both = { ...EXAMPLE, links: [...EXAMPLE.links, ...theirs] };

  test("change no object, whatever their ifIndex is", () => {
    const [shown, alone] = [view(both), view(EXAMPLE)];
    for (const root of ["1.3.6", "1.2.840"]) assert.deepEqual(shown.below(root), alone.below(root));
  });

  test("are not counted among those of a master agent, and take no row from it", () => {
    const beside = (snapshot: Snapshot) => new MibContext(snapshot, facts({ merged: true }));
    assert.equal(beside(both).interfaceCount, beside(EXAMPLE).interfaceCount);
    assert.deepEqual(registrations(beside(both), "merge"), registrations(beside(EXAMPLE), "merge"));
  });
});
