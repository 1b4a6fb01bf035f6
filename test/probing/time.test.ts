/** Clocks and numbers that come round. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ahead } from "#src/probing/sequence.js";
import { after, clockMilliseconds, difference, elapsed } from "#src/probing/time.js";

describe("milliseconds in 32 bits", () => {
  test("begin anew after 49.7 days", () => {
    assert.equal(clockMilliseconds(4_294_967_295_999_999), 4_294_967_295);
    assert.equal(clockMilliseconds(4_294_967_296_000_000), 0);
    assert.equal(after(4_294_967_295, 1428), 1427);
  });

  test("are compared across it", () => {
    assert.equal(difference(5, 4_294_967_290), 11);
    assert.equal(difference(4_294_967_290, 5), -11);
    assert.equal(elapsed(4_294_967_290, 5), 11);
  });
});

test("sequence number 0 is one ahead of 65535", () => {
  assert.equal(ahead(0, 65_535), 1);
  assert.equal(ahead(65_535, 0), -1);
  assert.equal(ahead(32_767, 65_535), -32_768);
});
