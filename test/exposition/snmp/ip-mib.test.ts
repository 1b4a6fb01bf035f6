import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import { aSnapshot, BOND, EXAMPLE, STARTED } from "../../support/snapshot.ts";
import { view } from "./view.ts";

describe("IP-MIB", () => {
  const example = view(EXAMPLE);

  test("ipAddressTable has the addresses of members and groups, of both families, on their interfaces", () => {
    assert.deepEqual(
      [...example.below("1.3.6.1.2.1.4.34.1.3")],
      [
        ["1.4.192.0.2.1", 2],
        ["1.4.192.0.2.10", 1_000_001],
        ["1.4.192.0.2.11", 1_000_001],
        ["2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.16", 1_000_001],
      ],
    );
    assert.deepEqual([...example.below("1.3.6.1.2.1.4.34.1.7").values()], [1, 1, 4, 1]);
  });

  test("ipAddressPrefix leads to the prefix's row, with the length at its end", () => {
    const prefixes = example.below("1.3.6.1.2.1.4.34.1.5");
    const row = prefixes.get("1.4.192.0.2.1");
    assert.deepEqual(row, [1, 3, 6, 1, 2, 1, 4, 32, 1, 5, 2, 1, 4, 192, 0, 2, 0, 24]);
    assert.deepEqual([...example.below("1.3.6.1.2.1.4.32.1.5")], [["2.1.4.192.0.2.0.24", 1]]);
    assert.deepEqual(prefixes.get("1.4.192.0.2.10"), [0, 0], "of an address that no link has nobody knows the length");
  });

  test("one link-local address on two links is two rows, each with its zone", () => {
    const addresses = [
      { address: "fe80::1", prefixLength: 64 },
      { address: "2001:db8:7:100::9", prefixLength: 60 },
    ];
    const snapshot = aSnapshot({
      groups: [{ name: "g", members: [{ device: "x0" }, { device: "x1" }] }],
      links: [
        { name: "x0", ifindex: 7, addresses },
        { name: "x1", ifindex: 300, addresses: addresses.slice(0, 1) },
      ],
    });
    const rows = view(snapshot);
    const fe80 = "254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1";
    assert.deepEqual(
      [...rows.below("1.3.6.1.2.1.4.34.1.3")],
      [
        ["2.16.32.1.13.184.0.7.1.0.0.0.0.0.0.0.0.9", 7],
        [`4.20.${fe80}.0.0.0.7`, 7],
        [`4.20.${fe80}.0.0.1.44`, 300],
      ],
    );
    assert.deepEqual(
      [...rows.below("1.3.6.1.2.1.4.32.1.5").keys()],
      [
        "7.2.16.32.1.13.184.0.7.1.0.0.0.0.0.0.0.0.0.60",
        "7.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.64",
        "300.4.20.254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.44.64",
      ],
    );
  });

  test("ipAddrTable has those of IPv4 with the mask where it is known", () => {
    assert.deepEqual([...example.below("1.3.6.1.2.1.4.20.1.3")], [["192.0.2.1", Uint8Array.of(255, 255, 255, 0)]]);
    assert.deepEqual(example("1.3.6.1.2.1.4.20.1.1.192.0.2.10"), Uint8Array.of(192, 0, 2, 10));
  });

  test("masks are right for every length", () => {
    const mask = (prefixLength: number) =>
      view(
        aSnapshot({
          groups: [{ name: "g", members: [{ device: "x0" }] }],
          links: [{ name: "x0", addresses: [{ address: "192.0.2.1", prefixLength }] }],
        }),
      )("1.3.6.1.2.1.4.20.1.3.192.0.2.1");
    for (let length = 0; length <= 32; length++) {
      const bits = Buffer.from(mask(length) as Uint8Array).readUInt32BE();
      assert.equal(bits, length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0, String(length));
    }
  });
});

describe("IEEE8023-LAG-MIB", () => {
  test("dot3adTablesLastChanged is when rows or membership changed last, and is not there without aggregates", () => {
    const at = (s: number) => hrtime(STARTED + seconds(s));
    const shown = (source: "bond" | "configuration") =>
      view(
        aSnapshot({
          groups: [{ name: "bond0", source, members: [{ device: "eth0" }] }],
          tableLastChange: at(20),
          stackLastChange: at(30),
        }),
      )("1.2.840.10006.300.43.1.3.0");
    assert.equal(shown("bond"), 3000);
    assert.equal(shown("configuration"), undefined);
  });

  test("has what LACP agreed on, in the MIB's order of bits, and nothing where it is not told", () => {
    const lag = view(BOND);
    const aggregate = (column: number) => [...lag.below(`1.2.840.10006.300.43.1.1.1.1.${column}`)];
    const ports = (column: number) => [...lag.below(`1.2.840.10006.300.43.1.2.1.1.${column}`)];
    assert.deepEqual(aggregate(7), [["40", 15]]);
    assert.deepEqual(aggregate(8), [["40", Uint8Array.of(2, 0xfc, 0xce, 0x91, 0x32, 0x14)]]);
    assert.deepEqual(aggregate(10), [["40", 9]]);
    // active, not short timeout, aggregation, synchronization, collecting, distributing; neither defaulted nor expired
    assert.deepEqual(ports(21)[0], ["10", Uint8Array.of(0b1011_1100)]);
    assert.deepEqual(ports(23), [["10", Uint8Array.of(0b1111_1100)]]);
  });

  const snapshot = aSnapshot({
    groups: [
      {
        name: "bond0",
        ifindex: 40,
        source: "bond",
        members: [{ device: "eth0" }, { device: "eth1", state: "failed" }],
      },
      { name: "ipmp0", members: [{ device: "eth2" }] },
    ],
    links: [
      { name: "bond0", ifindex: 40, kind: "bond", lladdr: "02:00:5e:00:00:01" },
      { name: "eth0", ifindex: 10 },
      { name: "eth1", ifindex: 11 },
    ],
  });
  const lag = view(snapshot);

  test("has a bond and its ports, and no IPMP group", () => {
    const PORTS = "1.2.840.10006.300.43.1.2.1.1";
    assert.deepEqual([...lag.below("1.2.840.10006.300.43.1.1.1.1.2")], [["40", Uint8Array.of(2, 0, 0x5e, 0, 0, 1)]]);
    assert.deepEqual(
      [...lag.below(`${PORTS}.12`)],
      [
        ["10", 40],
        ["11", 40],
      ],
    );
    assert.deepEqual(
      [...lag.below(`${PORTS}.13`)],
      [
        ["10", 40],
        ["11", 0],
      ],
    );
  });

  test("ipNetToPhysicalTable has the hardware address by which each address is reached, and follows a move", () => {
    const neighbours = (inbound: string | undefined) =>
      view(
        aSnapshot({
          groups: [
            {
              name: "g",
              ifindex: 7,
              members: [{ device: "x0" }, { device: "x1" }],
              addresses: [
                { address: "192.0.2.10", family: "ipv4", up: true, inbound },
                { address: "2001:db8::10", family: "ipv6", up: true, inbound },
                { address: "192.0.2.11", family: "ipv4", up: false, inbound },
              ],
            },
          ],
          links: [
            {
              name: "x0",
              ifindex: 2,
              lladdr: "02:00:5e:00:00:01",
              addresses: [{ address: "192.0.2.1", prefixLength: 24 }],
            },
            { name: "x1", ifindex: 3, lladdr: "02:00:5e:00:00:02" },
          ],
        }),
      );
    const mac = (last: number) => Uint8Array.of(2, 0, 0x5e, 0, 0, last);
    const v6 = [32, 1, 13, 184, ...Array.from({ length: 11 }, () => 0), 16].join(".");
    const table = "1.3.6.1.2.1.4.35.1";
    for (const [inbound, last] of [
      ["x0", 1],
      ["x1", 2],
    ] as const) {
      const now = neighbours(inbound);
      assert.deepEqual(
        [...now.below(`${table}.4`)],
        [
          ["2.1.4.192.0.2.1", mac(1)],
          ["7.1.4.192.0.2.10", mac(last)],
          [`7.2.16.${v6}`, mac(last)],
        ],
      );
      for (const [column, value] of [
        [5, 0],
        [6, 5],
        [7, 1],
        [8, 1],
      ] as const) {
        assert.deepEqual([...now.below(`${table}.${column}`).values()], [value, value, value]);
      }
    }
    assert.deepEqual([...neighbours(undefined).below(`${table}.4`).keys()], ["2.1.4.192.0.2.1"]);
  });
});
