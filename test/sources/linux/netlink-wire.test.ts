import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "#src/sources/linux/address-message.js";
import { countersOf } from "#src/sources/linux/link-counters.js";
import { findLinkCounters, parseLink } from "#src/sources/linux/link-message.js";
import {
  attributeText,
  attributeU32,
  eachMessage,
  frameOf,
  indexAttributes,
  payloadEnd,
  payloadStart,
} from "#src/sources/linux/netlink-wire.js";
import { parseDefaultRoute } from "#src/sources/linux/route-message.js";
import { findStats } from "#src/sources/linux/stats-message.js";
import { attribute, bytesOf, concat, message, parseAll, text, words } from "./fixtures.ts";

const CAPTURED = ["getlink", "getstats", "getaddr", "getroute-ipv4", "getroute-ipv6", "events"] as const;

/** Every parser over the same bytes. */
function parseEverything(bytes: Uint8Array): void {
  parseAll(bytes, parseLink);
  parseAll(bytes, parseAddress);
  parseAll(bytes, parseDefaultRoute);
  for (const find of [findStats, findLinkCounters]) {
    parseAll(bytes, (frame, found) => {
      const at = find(frame, found);
      if (at !== undefined) countersOf(frame, payloadStart(at), payloadEnd(frame, at));
      return at;
    });
  }
}

function types(bytes: Uint8Array): number[] {
  return parseAll(bytes, (_, { type }) => type);
}

describe("messages of a datagram", () => {
  test("are visited in order, with padding between them", () => {
    const bytes = concat(
      message(16, new Uint8Array(5)),
      message(17, new Uint8Array(0)),
      message(18, new Uint8Array(8)),
    );
    assert.deepEqual(types(bytes), [16, 17, 18]);
    assert.equal(
      eachMessage(frameOf(bytes), bytes.length, () => true),
      true,
    );
  });

  test("end where the visitor says so", () => {
    const bytes = concat(message(1, words(0)), message(2, words(0)));
    const seen: number[] = [];
    eachMessage(frameOf(bytes), bytes.length, ({ type }) => {
      seen.push(type);
      return false;
    });
    assert.deepEqual(seen, [1]);
  });

  for (const length of [0, 1, 15, 0x7fffffff, 0xffffffff]) {
    test(`with a length of ${length} are not believed`, () => {
      const bytes = message(16, words(0, 0));
      new Uint32Array(bytes.buffer)[0] = length;
      assert.deepEqual(types(bytes), []);
      assert.equal(
        eachMessage(frameOf(bytes), bytes.length, () => true),
        false,
      );
    });
  }

  for (const name of CAPTURED) {
    test(`of ${name} cut at any byte: those before the cut, then the end`, () => {
      const bytes = bytesOf(name).subarray(0, 3000);
      const ends = [0];
      const frame = frameOf(bytes);
      eachMessage(frame, bytes.length, ({ end }) => {
        ends.push((end + 3) & ~3);
        return true;
      });
      for (let length = 0; length <= bytes.length; length++) {
        const whole = ends.filter((end) => end <= length).length - 1;
        let seen = 0;
        eachMessage(frame, length, () => {
          seen++;
          return true;
        });
        // A message that lacks only its padding is whole.
        assert.ok(seen === whole || seen === whole + 1, `${seen} messages in ${length} bytes`);
        if (length % 7 === 0) parseEverything(bytes.subarray(0, length));
      }
    });
  }
});

describe("attributes", () => {
  const table = new Uint32Array(8);
  const index = (bytes: Uint8Array) => {
    const frame = frameOf(concat(words(0), bytes));
    indexAttributes(frame, 4, 4 + bytes.length, table);
    return frame;
  };

  test("are found by type, whatever flags the type carries", () => {
    const frame = index(concat(attribute(3, text("eth0")), attribute(0x8004, words(1500))));
    assert.equal(attributeText(frame, table, 3), "eth0");
    assert.equal(attributeU32(frame, table, 4), 1500);
    assert.equal(attributeText(frame, table, 5), undefined);
  });

  test("of unknown types are passed over, and the first of a kind counts", () => {
    const frame = index(concat(attribute(900, words(1)), attribute(4, words(1)), attribute(4, words(2))));
    assert.equal(attributeU32(frame, table, 4), 1);
  });

  for (const length of [0, 3, 0xffff]) {
    test(`with a length of ${length} end the walk`, () => {
      const bad = attribute(3, text("eth0"));
      new Uint16Array(bad.buffer)[0] = length;
      const frame = index(concat(attribute(4, words(9)), bad, attribute(5, words(1))));
      assert.equal(attributeU32(frame, table, 4), 9);
      assert.equal(attributeText(frame, table, 3), undefined);
      assert.equal(attributeU32(frame, table, 5), undefined);
    });
  }

  test("too short for a number hold none", () => {
    assert.equal(attributeU32(index(attribute(4, Uint8Array.of(1, 2, 3))), table, 4), undefined);
  });
});

describe("hostile bytes", () => {
  test("make no parser fail or run for ever", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), parseEverything));
  });

  test("inside real messages neither", () => {
    const captured = CAPTURED.map(bytesOf);
    const change = fc.record({ at: fc.nat(4000), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.nat(captured.length - 1), fc.array(change, { minLength: 1, maxLength: 20 }), (which, changes) => {
        const bytes = Uint8Array.from(captured[which] ?? []).subarray(0, 4000);
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
        parseEverything(bytes);
      }),
    );
  });
});
