/** The crosshair of the page writes rates as everything else does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bitsPerSecond } from "#src/wording/quantity.js";
import { root } from "../support/root.ts";

/** Scripts of the page are emitted without declarations. */
const { bitRate } = (await import(root("dist", "web", "client", "bit-rate.js"))) as { bitRate(bits: number): string };

test("a rate is written in the browser as on the server", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e16, noNaN: true }), (bits) =>
      assert.equal(bitRate(bits), bitsPerSecond(bits)),
    ),
  );
  for (const bits of [0, 999, 999.4, 999.5, 9994, 9995, 99_949, 99_950, 1e12])
    assert.equal(bitRate(bits), bitsPerSecond(bits));
});
