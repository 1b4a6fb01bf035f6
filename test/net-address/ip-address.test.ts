/** Our reading and writing of addresses beside Node's, which is the C library's. */

import assert from "node:assert/strict";
import { isIP, SocketAddress } from "node:net";
import { describe, test } from "node:test";
import fc from "fast-check";
import { familyOf, ipAddressOf, ipOctets, parseIpAddress, unmapped } from "#src/net-address/ip-address.js";

/** RFC 5952 sections 4 and 5. */
const CANONICAL = [
  ["c0000201", "192.0.2.1"],
  ["20010db8000000000000000000000001", "2001:db8::1"],
  ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
  ["20010000000000010000000000000001", "2001:0:0:1::1"],
  ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
  ["00000000000000000000000000000000", "::"],
  ["00000000000000000000000000000001", "::1"],
  ["fe800000000000000000000000000000", "fe80::"],
  ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
  ["20010db8abcd0000000000000000ef01", "2001:db8:abcd::ef01"],
  ["fe800000000000000001000200030004", "fe80::1:2:3:4"],
  ["00010002000300040005000600070008", "1:2:3:4:5:6:7:8"],
  ["00010002000300040005000600070000", "1:2:3:4:5:6:7:0"],
] as const;

/** One address in several spellings. */
const SPELLINGS = [
  ["2001:DB8:0:0::10", "2001:db8::10"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["::ffff:c000:0201", "::ffff:192.0.2.1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
] as const;

const WRONG = [
  ...["", "192.0.2", "192.0.2.256", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "0x7f.1", "example.net"],
  ...["1:2", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "g::", "::12345", ":::", ":1:2:3:4:5:6:7"],
  ...["1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "fe80::1%eth0", "[::1]"],
];

describe("an address", () => {
  for (const [hex, text] of CANONICAL) {
    test(`${text} is the text of its octets, and they are its`, () => {
      assert.equal(ipAddressOf(Buffer.from(hex, "hex")), text);
      assert.equal(Buffer.from(ipOctets(text) ?? []).toString("hex"), hex);
    });
  }

  for (const [spelling, text] of SPELLINGS) {
    test(`${spelling} is ${text}`, () => assert.equal(parseIpAddress(spelling), text));
  }

  for (const text of WRONG) {
    test(`"${text}" is none`, () => assert.equal(parseIpAddress(text), undefined));
  }

  test("is the IPv4 address that it maps", () => {
    const given = ["::ffff:192.0.2.1", "::FFFF:c000:201", "192.0.2.1", "::c000:201", "2001:db8::ffff:c000:201"];
    const meant = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "::c000:201", "2001:db8::ffff:c000:201"];
    assert.deepEqual(
      given.map((text) => unmapped(parseIpAddress(text) ?? assert.fail(text))),
      meant,
    );
  });

  test("has 4 or 16 octets", () => {
    assert.equal(ipAddressOf(undefined), undefined);
    assert.equal(ipAddressOf(new Uint8Array(6)), undefined);
  });
});

/** Texts that are addresses, and texts that a slip of the pen makes of them. */
const unit = fc.constantFrom(..."0123456789abcdefABCDEF:::::....g% ".split(""));
const almost = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(40), fc.nat(3), fc.string({ unit, maxLength: 3 }))
  .map(([text, at, cut, more]) => `${text.slice(0, at)}${more}${text.slice(at + cut)}`);
const texts = fc.oneof(fc.ipV4(), fc.ipV6(), almost, fc.string({ unit, maxLength: 45 }));

const octets = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  // Mostly zeros: there the rules for "::" have something to do.
  fc
    .array(fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
    .map((all) => Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))),
);

/** Node writes these dotted, as ::192.0.2.1; RFC 5952 has hexadecimal groups for all but known kinds of embedded addresses. */
const isIpv4Compatible = (value: Uint8Array) =>
  value.length === 16 && value.subarray(0, 12).every((octet) => octet === 0);

describe("beside Node", () => {
  test("the same texts are addresses", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const address = parseIpAddress(text);
        const version = text.includes("%") ? 0 : isIP(text);
        assert.equal(address === undefined ? 0 : familyOf(address) === "ipv6" ? 6 : 4, version);
      }),
      { numRuns: 5000 },
    );
  });

  test("an address has the same canonical text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const value = ipOctets(text);
        fc.pre(value !== undefined && !isIpv4Compatible(value));
        const family = value.length === 16 ? "ipv6" : "ipv4";
        assert.equal(parseIpAddress(text), new SocketAddress({ address: text, family }).address);
      }),
      { numRuns: 2000 },
    );
  });

  test("what we write, Node reads as an address, and we as the same octets", () => {
    fc.assert(
      fc.property(octets, (value) => {
        const text = ipAddressOf(value) ?? "";
        assert.equal(isIP(text), value.length === 16 ? 6 : 4);
        assert.deepEqual(ipOctets(text), value);
        assert.equal(parseIpAddress(text), text);
      }),
      { numRuns: 2000 },
    );
  });
});
