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
  test("of IPv4: multipath, through a nexthop group, through an IPv6 router; no other route, no other table", () => {
    assert.deepEqual(parseAll(bytesOf("getroute-ipv4"), parseDefaultRoute), [
      { family: "ipv4", metric: 5, nextHops: [hop(va, "10.200.1.2"), hop(vc, "10.200.3.2", 3)] },
      { family: "ipv4", metric: 6, nextHops: [hop(va, "10.200.1.2", 2), hop(vc, "10.200.3.2", 3)] },
      { family: "ipv4", metric: 7, nextHops: [hop(vc, "2001:db8:3::2")] },
    ]);
  });

  test("of IPv6: multipath; not the unreachable one", () => {
    assert.deepEqual(mergeRoutes(parseAll(bytesOf("getroute-ipv6"), parseDefaultRoute)), [
      { family: "ipv6", metric: 7, nextHops: [hop(va, "2001:db8:1::2"), hop(vc, "2001:db8:3::2")] },
    ]);
  });

  test("of IPv6 learnt one by one with the same metric are one; of IPv4 only the first is in use", () => {
    const one = { family: "ipv6", metric: 1024, nextHops: [hop(2, "fe80::1")] } as const;
    const other = { ...one, nextHops: [hop(3, "fe80::2")] };
    const later = { ...one, metric: 2048 };
    assert.deepEqual(mergeRoutes([one, later, other]), [
      { ...one, nextHops: [...one.nextHops, ...other.nextHops] },
      later,
    ]);
    const ipv4 = { ...one, family: "ipv4" } as const;
    assert.deepEqual(mergeRoutes([ipv4, { ...ipv4, nextHops: [hop(3, "192.0.2.1")] }]), [ipv4]);
  });

  // family, lengths, tos | table, protocol, scope, type | flags
  const header = (flags: number) => concat(Uint8Array.of(2, 0, 0, 0, 254, 3, 0, 1), words(flags));
  const parse = (body: Uint8Array) => parseAll(message(RTM.NEWROUTE, body), parseDefaultRoute);

  for (const [flags, dead] of [
    [0, false],
    [1, true],
    [16, true],
  ] as const) {
    test(`with RTNH flags ${flags}: ${dead ? "dead" : "alive"}`, () =>
      assert.equal(parse(concat(header(flags), attribute(4, words(3))))[0]?.nextHops[0]?.dead, dead));
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
