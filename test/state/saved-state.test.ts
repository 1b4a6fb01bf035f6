import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeFile, StateFileError } from "#src/state/saved-state.js";
import { aState, fileOf, smallState } from "./saved.ts";

const file = fileOf(smallState);

/** What is wrong with a file, or undefined. */
function faultOf(bytes: Uint8Array): string | undefined {
  try {
    decodeFile(bytes);
    return undefined;
  } catch (error) {
    return error instanceof StateFileError ? error.fault : "not a StateFileError";
  }
}

const withHeader = (header: object) => Buffer.from(`${JSON.stringify(header)}\n{}\n\n`);

describe("a saved state", () => {
  test("is the same when it is read again", () => {
    fc.assert(
      fc.property(aState, (state) => {
        assert.deepEqual(decodeFile(fileOf(state)), state);
      }),
    );
  });

  test("is the same file when it is written again", () => {
    fc.assert(
      fc.property(aState, (state) => {
        const first = fileOf(state);
        assert.deepEqual(fileOf(decodeFile(first)), first);
      }),
    );
  });

  test("is read from anywhere in a larger buffer", () => {
    const larger = new Uint8Array(file.length + 6);
    larger.set(file, 3);
    assert.deepEqual(decodeFile(larger.subarray(3, 3 + file.length)), smallState);
  });
});

describe("a file that is damaged", () => {
  test("is noticed wherever it was cut off", () => {
    for (let length = 0; length < file.length; length++) {
      const fault = faultOf(file.subarray(0, length));
      // Cut within its very first words it could be anybody's.
      const expected = length > 0 && length < '{"format":"ipmp'.length ? ["damaged", "foreign"] : ["damaged"];
      assert.ok(fault !== undefined && expected.includes(fault), `cut to ${length} bytes: ${fault}`);
    }
  });

  test("is noticed whichever bit was turned", () => {
    const faults = new Map<string, number>();
    for (let bit = 0; bit < file.length * 8; bit++) {
      const turned = file.slice();
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const fault = faultOf(turned);
      assert.ok(fault !== undefined && fault !== "not a StateFileError", `bit ${bit} turned: ${fault}`);
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
    }
    assert.ok((faults.get("damaged") ?? 0) > file.length * 8 * 0.99, "nearly all of them as what they are");
  });

  test("is noticed when something was appended or zeros took its place", () => {
    assert.equal(faultOf(Buffer.concat([file, file])), "damaged");
    assert.equal(faultOf(Buffer.concat([file, Buffer.alloc(1)])), "damaged");
    assert.equal(faultOf(Buffer.concat([file.subarray(0, 100), Buffer.alloc(file.length - 100)])), "damaged");
  });
});

describe("a file of somebody else", () => {
  for (const [what, bytes] of [
    ["another program's JSON", Buffer.from('{"version":1,"counters":[]}\n')],
    ["a list", Buffer.from("[]\n")],
    ["null", Buffer.from("null\n")],
    ["a text", Buffer.from("hello\n")],
    ["zeros", Buffer.alloc(4096)],
    ["no text at all", Buffer.from([0xff, 0xfe, 0x0a, 0x80])],
  ] as const) {
    test(`is foreign: ${what}`, () => assert.equal(faultOf(bytes), "foreign"));
  }

  test("is newer when it says so, however its checksum is made", () => {
    assert.equal(faultOf(withHeader({ format: "ipmp-exporter state", version: 2, sha256: "00" })), "newer");
  });

  test("is damaged when it claims a version that never was", () => {
    assert.equal(faultOf(withHeader({ format: "ipmp-exporter state", version: 0, crc32: "00000000" })), "damaged");
  });
});
