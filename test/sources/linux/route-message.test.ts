import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseAddress } from "#src/sources/linux/address-message.js";
import { mergeRoutes, parseDefaultRoute } from "#src/sources/linux/route-message.js";
import { RTM } from "#src/sources/linux/rtnetlink.js";
import { attribute, bytesOf, concat, ipLinks, jsonOf, message, parseAll, words } from "./fixtures.ts";

const ifindex = (name: string) => ipLinks().find(({ ifname }) => ifname === name)?.ifindex ?? -1;
const va = ifindex("va");
const vc = ifindex("vc");
const hop = (link: number, gateway: string | undefined, weight = 1) => ({
  ifindex: link,
  gateway,
  weight,
  dead: false,
});

describe("default routes", () => {
  test("of IPv4: multipath, through a nexthop group, through an IPv6 router; no other route; each with its table", () => {
    const parsed = parseAll(bytesOf("getroute-ipv4"), parseDefaultRoute);
    assert.deepEqual(
      parsed.filter(({ table }) => table !== 254),
      [{ family: "ipv4", table: 100, metric: 0, nextHops: [hop(vc, undefined)] }],
    );
    assert.deepEqual(
      parsed.filter(({ table }) => table === 254),
      [
        { family: "ipv4", table: 254, metric: 5, nextHops: [hop(va, "10.200.1.2"), hop(vc, "10.200.3.2", 3)] },
        {
          ...{ family: "ipv4", table: 254, metric: 6, nexthopId: 10 },
          nextHops: [hop(va, "10.200.1.2", 2), hop(vc, "10.200.3.2", 3)],
        },
        { family: "ipv4", table: 254, metric: 7, nextHops: [hop(vc, "2001:db8:3::2")] },
      ],
    );
  });

  test("of IPv6: multipath, and the unreachable one behind it", () => {
    assert.deepEqual(mergeRoutes(parseAll(bytesOf("getroute-ipv6"), parseDefaultRoute)), [
      { family: "ipv6", table: 254, metric: 7, nextHops: [hop(va, "2001:db8:1::2"), hop(vc, "2001:db8:3::2")] },
      { family: "ipv6", table: 254, metric: 4000, nextHops: [], leadsNowhere: true },
    ]);
  });

  test("of IPv6 listed one by one with the same metric are one; advertised ones, and those of IPv4, are not", () => {
    const one = { family: "ipv6", metric: 1024, nextHops: [hop(2, "fe80::1")] } as const;
    const other = { ...one, nextHops: [hop(3, "fe80::2")] };
    const later = { ...one, metric: 2048 };
    assert.deepEqual(mergeRoutes([one, later, other]), [
      { ...one, nextHops: [...one.nextHops, ...other.nextHops] },
      later,
    ]);
    const advertised = [one, other].map((route) => ({ ...route, advertised: "medium" as const }));
    assert.deepEqual(mergeRoutes(advertised), advertised);
    const ipv4 = [one, other].map((route) => ({ ...route, family: "ipv4" as const }));
    assert.deepEqual(mergeRoutes(ipv4), ipv4);
  });

  // family, lengths, tos | table, protocol, scope, type | flags
  const header = (flags: number) => concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1), words(flags));
  const parse = (body: Uint8Array) => parseAll(message(RTM.NEWROUTE, body), parseDefaultRoute);

  for (const [flags, dead] of [
    [0, { dead: false }],
    [1, { dead: true }],
    [16, { dead: true, usedWithoutCarrier: true }],
    [17, { dead: true }],
  ] as const) {
    test(`with RTNH flags ${flags} are ${JSON.stringify(dead)}`, () =>
      assert.deepEqual(parse(concat(header(flags), attribute(4, words(3))))[0]?.nextHops, [
        { ifindex: 3, gateway: undefined, weight: 1, ...dead },
      ]));
  }

  test("learnt from a router advertisement say so, with its preference", () => {
    const advertised = concat(Uint8Array.of(10, 0, 0, 0, 254, 9, 0, 1), words(0), attribute(4, words(3)));
    assert.equal(parse(advertised)[0]?.advertised, "medium");
    assert.equal(parse(concat(advertised, attribute(20, Uint8Array.of(1))))[0]?.advertised, "high");
    assert.equal(parse(concat(advertised, attribute(20, Uint8Array.of(3))))[0]?.advertised, "low");
  });

  test("through a next hop object name it, whether or not they tell the next hops as well", () => {
    const [route] = parse(concat(header(0), attribute(30, words(10))));
    assert.deepEqual([route?.nextHops, route?.nexthopId], [[], 10]);
    const [told] = parse(concat(header(0), attribute(30, words(10)), attribute(4, words(3))));
    assert.deepEqual([told?.nextHops.length, told?.nexthopId], [1, 10]);
  });

  for (const [type, kind] of [
    [6, "blackhole"],
    [7, "unreachable"],
    [8, "prohibit"],
  ] as const) {
    test(`of kind ${kind} lead nowhere, whatever link they name`, () => {
      const turnedAway = concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, type), words(0));
      assert.deepEqual(parse(concat(turnedAway, attribute(4, words(1)), attribute(6, words(5)))), [
        { family: "ipv4", table: 254, metric: 5, nextHops: [], leadsNowhere: true },
      ]);
    });
  }

  test("without a link (a black hole) or with a next hop of no length are none", () => {
    assert.deepEqual(parse(header(0)), []);
    const nexthop = concat(Uint8Array.of(0, 0, 0, 0), words(3));
    assert.deepEqual(parse(concat(header(0), attribute(9, nexthop))), []);
  });
});

describe("addresses", () => {
  test("are those of ip(8)", () => {
    const rows =
      jsonOf<{ ifindex: number; addr_info: { family: string; local: string; prefixlen: number }[] }[]>("ip-address");
    const expected = rows.flatMap((row) =>
      row.addr_info.map(({ family, local, prefixlen }) => [row.ifindex, family === "inet", local, prefixlen]),
    );
    const parsed = parseAll(bytesOf("getaddr"), parseAddress).map(
      ({ ifindex: link, family, address, prefixLength }) => [link, family === "ipv4", address, prefixLength],
    );
    const order = (list: typeof expected) => list.map(String).toSorted();
    assert.deepEqual(order(parsed), order(expected));
  });

  const parse = (flags: number, ...attributes: Uint8Array[]) =>
    parseAll(message(RTM.NEWADDR, concat(Uint8Array.of(2, 32, flags, 0), words(7), ...attributes)), parseAddress)[0];
  const ours = Uint8Array.of(192, 0, 2, 1);
  const peers = Uint8Array.of(192, 0, 2, 2);

  test("of a point-to-point link are ours, not the peer's", () => {
    assert.equal(parse(0, attribute(1, peers), attribute(2, ours))?.address, "192.0.2.1");
    assert.equal(parse(0, attribute(1, ours))?.address, "192.0.2.1");
  });

  for (const [flags, tentative, duplicate] of [
    [0x80, false, false],
    [0x40, true, false],
    [0x44, false, false], // optimistic
    [0x48, true, true],
    [0x08, true, true],
  ] as const) {
    test(`with flags 0x${flags.toString(16)}: ${duplicate ? "duplicate" : tentative ? "tentative" : "usable"}`, () => {
      for (const address of [
        parse(flags, attribute(2, ours)),
        parse(0, attribute(2, ours), attribute(8, words(flags))),
      ]) {
        assert.deepEqual([address?.tentative, address?.duplicate], [tentative, duplicate]);
      }
    });
  }
});
