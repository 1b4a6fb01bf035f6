/** Which addresses a prefix contains. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contains, isLinkLocal } from "#src/net-address/ip-prefix.js";

const ROWS: readonly (readonly [address: string, prefixLength: number, other: string, contained: boolean])[] = [
  ["192.0.2.9", 24, "192.0.2.1", true],
  ["192.0.2.9", 24, "192.0.3.1", false],
  ["192.0.2.9", 23, "192.0.3.1", true],
  ["192.0.2.9", 32, "192.0.2.9", true],
  ["192.0.2.9", 32, "192.0.2.8", false],
  ["192.0.2.9", 0, "10.0.0.1", true],
  ["192.0.2.128", 25, "192.0.2.127", false],
  ["2001:db8::1", 64, "2001:db8::ffff", true],
  ["2001:db8::1", 64, "2001:db8:0:1::1", false],
  ["::", 0, "192.0.2.1", false],
  ["not an address", 0, "192.0.2.1", false],
];

describe("a prefix", () => {
  for (const [address, prefixLength, other, contained] of ROWS) {
    test(`${address}/${prefixLength} ${contained ? "contains" : "does not contain"} ${other}`, () =>
      assert.equal(contains({ address, prefixLength }, other), contained));
  }
});

test("link-local are fe80:: to febf::, and nothing of IPv4", () =>
  assert.deepEqual(["fe80::1", "febf::1", "fec0::1", "2001:db8::1", "169.254.0.1"].map(isLinkLocal), [
    true,
    true,
    false,
    false,
    false,
  ]));
