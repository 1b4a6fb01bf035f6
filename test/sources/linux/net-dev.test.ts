import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { NET_DEV_SCHEMA, parseNetDev } from "#src/sources/linux/net-dev.js";
import { comparable, ipCounters, ipLinks, jsonOf } from "./fixtures.ts";

function parse(text: string): [string, BigUint64Array][] {
  const rows: [string, BigUint64Array][] = [];
  parseNetDev(Buffer.from(text), (name, counters) => rows.push([name, counters.slice()]));
  return rows;
}

const HEADING = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

describe("/proc/net/dev", () => {
  test("has the counters that ip(8) prints", () => {
    const rows = parse(jsonOf<Record<string, string>>("files")["proc/self/net/dev"] ?? "");
    const byName = (list: [string, unknown][]) => Object.fromEntries(list);
    assert.deepEqual(
      byName(rows.map(([name, counters]) => [name, comparable(counters, NET_DEV_SCHEMA)])),
      byName(ipLinks().map((row) => [row.ifname, ipCounters(row)])),
    );
  });

  test("each column goes to its statistic", () => {
    const [[name, counters] = []] = parse(`${HEADING}  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`);
    assert.equal(name, "eth0");
    assert.deepEqual(
      Object.fromEntries(NET_DEV_SCHEMA.statistics.map(({ name: statistic }, index) => [statistic, counters?.[index]])),
      {
        rbytes: 1n,
        rbytes64: 1n,
        ipackets: 2n,
        ipackets64: 2n,
        ierrors: 3n,
        norcvbuf: 4n,
        multircv: 8n,
        obytes: 9n,
        obytes64: 9n,
        opackets: 10n,
        opackets64: 10n,
        oerrors: 11n,
        noxmtbuf: 12n,
        collisions: 14n,
      },
    );
  });

  test("values are exact up to the last of 64 bits", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 16, maxLength: 16 }), (values) => {
        const [[, counters] = []] = parse(`x: ${values.join(" ")}`);
        assert.equal(counters?.[NET_DEV_SCHEMA.indexOf("rbytes64") ?? -1], values[0]);
        assert.equal(counters?.[NET_DEV_SCHEMA.indexOf("opackets64") ?? -1], values[9]);
      }),
    );
  });

  test("an old kernel leaves no space after the colon", () =>
    assert.deepEqual(
      parse("eth0:123 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16").map(([name, counters]) => [name, counters[0]]),
      [["eth0", 123n]],
    ));

  test("a name may have a colon, or bytes that are no UTF-8", () => {
    const line = Buffer.from(" b\xfc:1: 123 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", "latin1");
    const names: string[] = [];
    parseNetDev(line, (name) => names.push(name));
    assert.deepEqual(names, ["b\\xfc:1"]);
  });

  /** Whoever takes time by the square of their number is not done with them before the test has run out of its own. */
  test("a million lines without a colon are looked at once", () => {
    const visited: string[] = [];
    const line = `eth0: ${Array.from({ length: 16 }, () => "1").join(" ")}`;
    parseNetDev(Buffer.from(`${line}\n${"\n".repeat(1 << 21)}`), (name) => visited.push(name));
    assert.deepEqual(visited, ["eth0"]);
  });

  test("lines that are no link's are passed over", () => {
    assert.deepEqual(parse(`${HEADING}\n:\n a: 1 2\n b: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -1\n`), []);
    fc.assert(fc.property(fc.string(), (text) => void parse(text)));
  });
});
