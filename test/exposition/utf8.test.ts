/** Text as octets, the same in every format. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { utf8 } from "#src/exposition/utf8.js";

test("utf8() is what TextEncoder makes of any string", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), (text) => {
      assert.deepEqual(utf8(text), new TextEncoder().encode(text));
    }),
  );
  for (const text of ["", "eth0", "é", "€", "😀", "\ud800", "\udc00\ud800", "a\ud83dz", "\u{10ffff}"]) {
    assert.deepEqual(utf8(text), new TextEncoder().encode(text));
  }
});
