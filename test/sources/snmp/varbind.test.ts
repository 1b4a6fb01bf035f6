import assert from "node:assert/strict";
import { test } from "node:test";
import { integer, TYPE } from "#src/sources/snmp/varbind.js";

test("an INTEGER of more than 32 bits is no value", () => {
  for (const [value, is] of [
    [2_147_483_647, 2_147_483_647],
    [-2_147_483_648, -2_147_483_648],
    [2_147_483_648, undefined],
    [2 ** 40, undefined],
    [1.5, undefined],
  ] as const)
    assert.equal(integer({ oid: "1.3", type: TYPE.integer, value }), is);
});
