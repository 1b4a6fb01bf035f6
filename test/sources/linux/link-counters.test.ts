import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NET_STATISTICS } from "#src/kstat/net.js";
import { CounterTable } from "#src/sources/linux/counter-table.js";
import { copyCounters, countersOf, LINK_SCHEMA } from "#src/sources/linux/link-counters.js";
import { frameOf, payloadEnd, payloadStart, u32 } from "#src/sources/linux/netlink-wire.js";
import { findStats } from "#src/sources/linux/stats-message.js";
import { bytesOf, comparable, ipCounters, ipLinks, parseAll } from "./fixtures.ts";

/** A struct whose every field has a value of its own, beginning at a place that is not a multiple of eight. */
function struct(fields: number): { frame: ReturnType<typeof frameOf>; start: number; end: number } {
  const values = BigUint64Array.from({ length: fields }, (_, field) => 0xffff_0000_0000_0000n + BigInt(field + 1));
  const bytes = new Uint8Array(4 + values.byteLength + 8).fill(0xee);
  bytes.set(new Uint8Array(values.buffer), 4);
  return { frame: frameOf(bytes), start: 4, end: 4 + values.byteLength };
}

function byName(counters: BigUint64Array): Record<string, bigint> {
  return Object.fromEntries(LINK_SCHEMA.statistics.map(({ name }, index) => [name, counters[index] ?? -1n]));
}

describe("struct rtnl_link_stats64", () => {
  const field = (position: number) => 0xffff_0000_0000_0000n + BigInt(position + 1);

  test("gives each statistic its field, all 64 bits, also under the 32-bit names", () => {
    const { frame, start, end } = struct(25);
    assert.deepEqual(byName(countersOf(frame, start, end)), {
      ipackets: field(0),
      ipackets64: field(0),
      opackets: field(1),
      opackets64: field(1),
      rbytes: field(2),
      rbytes64: field(2),
      obytes: field(3),
      obytes64: field(3),
      ierrors: field(4),
      oerrors: field(5),
      norcvbuf: BigInt.asUintN(64, field(6) + field(15)),
      noxmtbuf: field(7),
      multircv: field(8),
      collisions: field(9),
      unknowns: field(23),
    });
  });

  test("a sum carries from the low to the high word", () => {
    const values = new BigUint64Array(25);
    values[6] = 0x0000_0001_ffff_ffffn;
    values[15] = 0x0000_0000_0000_0002n;
    const frame = frameOf(new Uint8Array(values.buffer));
    assert.equal(byName(countersOf(frame, 0, 200))["norcvbuf"], 0x0000_0002_0000_0001n);
  });

  for (const [fields, kernel] of [
    [24, "before 5.19"],
    [23, "before 4.6"],
    [10, "of nobody"],
    [0, "that says nothing"],
  ] as const) {
    test(`of a kernel ${kernel} has ${fields} fields: the others are 0, not what lies behind`, () => {
      const { frame, start, end } = struct(fields);
      const whole = struct(25);
      const counters = byName(countersOf(frame, start, end));
      const expected = byName(countersOf(whole.frame, whole.start, whole.end));
      assert.equal(counters["unknowns"], fields > 23 ? expected["unknowns"] : 0n);
      assert.equal(counters["rbytes64"], fields > 2 ? expected["rbytes64"] : 0n);
      assert.equal(counters["norcvbuf"], fields > 15 ? expected["norcvbuf"] : fields > 6 ? field(6) : 0n);
    });
  }

  test("a cut field counts as missing", () => {
    const { frame, start } = struct(25);
    assert.equal(byName(countersOf(frame, start, start + 23))["rbytes64"], 0n);
  });

  test("multixmt, brdcstrcv, brdcstxmt and link_up are not claimed; the other statistics of a group are there", () => {
    const missing = NET_STATISTICS.filter(({ name }) => LINK_SCHEMA.indexOf(name) === undefined);
    assert.deepEqual(
      missing.map(({ name }) => name),
      ["multixmt", "brdcstrcv", "brdcstxmt", "link_up"],
    );
  });
});

describe("a dump of counters", () => {
  test("has those of ip(8) for every link", () => {
    const rows = parseAll(bytesOf("getstats"), (frame, found) => {
      const at = findStats(frame, found);
      if (at === undefined) return undefined;
      return [
        u32(frame, found.start + 4),
        comparable(countersOf(frame, payloadStart(at), payloadEnd(frame, at))),
      ] as const;
    });
    assert.deepEqual(
      rows,
      ipLinks().map((row) => [row.ifindex, ipCounters(row)]),
    );
  });
});

describe("the table of counters", () => {
  test("keeps every row while it grows, and nothing of the reading before", () => {
    const { frame, start, end } = struct(25);
    const table = new CounterTable(LINK_SCHEMA.statistics.length);
    for (const count of [100, 3]) {
      table.clear();
      for (let ifindex = 1; ifindex <= count; ifindex++) {
        const at = table.add(ifindex);
        copyCounters(frame, start, end, table.words, at);
        table.words[at] = ifindex;
      }
      const seen: [number, bigint][] = [];
      table.visit((ifindex, counters) => seen.push([ifindex, BigInt.asUintN(32, counters[0] ?? 0n)]));
      assert.deepEqual(
        seen,
        Array.from({ length: count }, (_, index) => [index + 1, BigInt(index + 1)]),
      );
    }
  });
});
