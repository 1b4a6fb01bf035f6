import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { BerError, BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { compareOids, formatOid, type Oid, oid } from "#src/exposition/snmp/protocol/oid.js";

const reader = (hex: string) => new BerReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function written(write: (ber: BerWriter) => void): string {
  const ber = new BerWriter(64);
  write(ber);
  return Buffer.from(ber.content()).toString("hex");
}

describe("an INTEGER", () => {
  for (const [value, hex] of [
    [0, "020100"],
    [127, "02017f"],
    [128, "02020080"],
    [-1, "0201ff"],
    [-128, "020180"],
    [-129, "0202ff7f"],
    [2_147_483_647, "02047fffffff"],
    [-2_147_483_648, "020480000000"],
  ] as const) {
    test(`${value} is ${hex}, both ways`, () => {
      assert.equal(
        written((ber) => ber.integer(value)),
        hex,
      );
      assert.equal(reader(hex).integer(), value);
    });
  }

  test("of no octet, of more than 32 bits, or cut off is refused", () => {
    for (const hex of [
      "0200",
      "02050080000000",
      "0205ff7fffffff",
      "02050100000000",
      "0209000000000000000001",
      "020401",
      "02",
      "0281",
      "028101",
      "040101",
    ]) {
      assert.throws(() => reader(hex).integer(), BerError, hex);
    }
  });

  test("may have octets in front that add nothing", () => {
    for (const [hex, value] of [
      ["020400000007", 7],
      ["02050000000001", 1],
      ["0205007fffffff", 0x7fff_ffff],
      ["0205ff80000000", -0x8000_0000],
      ["0208ffffffffffffffff", -1],
    ] as const) {
      assert.equal(reader(hex).integer(), value, hex);
    }
  });

  test("may come with a length in the long form", () => assert.equal(reader("0282000105").integer(), 5));
});

describe("unsigned numbers", () => {
  test("have a leading zero where the sign would be", () => {
    assert.equal(
      written((ber) => ber.unsigned(TAG.gauge32, 4_294_967_295)),
      "420500ffffffff",
    );
    assert.equal(
      written((ber) => ber.unsigned(TAG.counter32, 0)),
      "410100",
    );
  });

  test("of 64 bits take the octets that they need, up to nine", () => {
    const cases = [
      [0n, "460100"],
      [255n, "460200ff"],
      [2n ** 32n, "46050100000000"],
      [2n ** 63n, "4609008000000000000000"],
      [2n ** 64n - 1n, "460900ffffffffffffffff"],
    ] as const;
    for (const [value, hex] of cases)
      assert.equal(
        written((ber) => ber.counter64(value)),
        hex,
      );
  });
});

describe("an object identifier", () => {
  const identifiers = fc
    .tuple(
      fc.oneof(fc.tuple(fc.nat(1), fc.nat(39)), fc.tuple(fc.constant(2), fc.integer({ min: 0, max: 0xffff_ffff }))),
      fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 126 }),
    )
    .map(([head, tail]): Oid => [...head, ...tail]);

  test("comes back as it went, whatever its parts", () => {
    fc.assert(
      fc.property(identifiers, (value) => {
        const ber = new BerWriter(1024);
        ber.objectIdentifier(value);
        assert.deepEqual(new BerReader(ber.content()).objectIdentifier(), value);
        assert.deepEqual(oid(formatOid(value)), value);
      }),
    );
  });

  test("may begin with 2.100, which takes two octets", () =>
    assert.deepEqual(reader("0603 8134 03").objectIdentifier(), [2, 100, 3]));

  test("of no octet, without an end, padded, too large or too long is refused", () => {
    const tooLong = Buffer.from([TAG.objectIdentifier, 0x81, 128, 0x2b, ...new Array<number>(127).fill(1)]);
    for (const hex of ["0600", "06022b81", "06032b8001", "06062b9080808000", tooLong.toString("hex")]) {
      assert.throws(() => reader(hex).objectIdentifier(), BerError, hex);
    }
  });

  test("has its place before what it begins, and by numbers, not by text", () => {
    assert.ok(compareOids(oid("1.3.6"), oid("1.3.6.0")) < 0);
    assert.ok(compareOids(oid("1.3.10"), oid("1.3.9.5")) > 0);
    assert.ok(compareOids(oid("1.3.4294967295"), oid("1.3.1")) > 0);
    assert.equal(compareOids(oid("1.3.1"), oid("1.3.1")), 0);
  });

  test("as text must be numbers that can begin one", () => {
    for (const text of ["", "1", "3.1", "1.40", "1.3.x", "1.3.4294967296", "1.3.-1", "01.3", "1..3"]) {
      assert.throws(() => oid(text), RangeError, text);
    }
  });
});

test("a length may not be indefinite, of nine octets, or beyond what holds it", () => {
  for (const hex of ["3080020100", "308900000000000000000105", "3088ffffffffffffffff05", "30030201", "3082ffff02"]) {
    assert.throws(() => reader(hex).enter(TAG.sequence), BerError, hex);
  }
});

test("what is long has a long length", () => {
  const ber = new BerWriter(70_000);
  const content = new Uint8Array(66_000);
  ber.append(content, 0, content.length);
  ber.wrap(TAG.sequence);
  assert.equal(Buffer.from(ber.content().subarray(0, 5)).toString("hex"), "30830101d0");
});

test("what has no room is an error, and never a part of it", () => {
  const ber = new BerWriter(10);
  for (const octets of [2040, 2046, 2047, 2048, 3000]) {
    const content = new Uint8Array(octets);
    assert.throws(
      () => {
        ber.clear();
        ber.octetString(content);
        ber.objectIdentifier(oid("1.3.6.1.4.1.8072.9999.9999.10191.1"));
        ber.wrap(TAG.sequence);
      },
      RangeError,
      `${octets} octets in front`,
    );
  }
  ber.clear();
  ber.append(new Uint8Array(9), 0, 9);
  assert.throws(() => ber.append(new Uint8Array(2), 0, 2), RangeError);
  ber.appendOctet(1);
  assert.throws(() => ber.appendOctet(2), RangeError);
});
