import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { linkName, linkNameBytes } from "#src/sources/linux/link-name.js";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 15 });

describe("a link's name", () => {
  test("that is text is that text", () => {
    for (const name of ["eth0", "wan:1", "büro", "\\x", "\u001b[31m"]) assert.equal(linkName(Buffer.from(name)), name);
  });

  test("that is no UTF-8 shows each such byte", () =>
    assert.equal(linkName(Buffer.from("b\xfcro€".slice(0, 4), "latin1")), "b\\xfcro"));

  test("that looks like an escape is none", () => assert.equal(linkName(Buffer.from("b\\xfcro")), "b\\x5cxfcro"));

  test("is the text of that name alone, and the kernel's name is found again", () => {
    fc.assert(fc.property(bytes, (name) => assert.deepEqual([...linkNameBytes(linkName(name))], [...name])));
  });
});
