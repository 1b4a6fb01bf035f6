import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type LinkAttributes, sameAttributes } from "#src/link/link-attributes.js";
import { aLink } from "../support/snapshot.ts";

const LINK = aLink({ name: "eth0", ifindex: 1 }).attributes;
const SWITCH = { chassis: "sw1", systemName: "sw1", port: "1" };

/** Both ways round. */
function same(a: LinkAttributes, b: LinkAttributes): readonly [boolean, boolean] {
  return [sameAttributes(a, b), sameAttributes(b, a)];
}

describe("two accounts of a link", () => {
  test("differ where one says something that the other leaves out", () => {
    assert.deepEqual(same(LINK, { ...LINK, neighbour: SWITCH }), [false, false]);
    assert.deepEqual(same({ ...LINK, switchPort: { switchId: "01", portName: "p1" } }, LINK), [false, false]);
  });

  test("say the same where one leaves out what the other does not know", () => {
    assert.deepEqual(same(LINK, { ...LINK, neighbour: undefined, altNames: undefined }), [true, true]);
  });

  test("say the same of a part, a list or a neighbour that is equal, and not of one that differs or is longer", () => {
    const link = { ...LINK, neighbour: SWITCH, altNames: ["wan", "north"] };
    assert.deepEqual(same(link, { ...link, neighbour: { ...SWITCH }, altNames: ["wan", "north"] }), [true, true]);
    assert.deepEqual(same(link, { ...link, neighbour: { ...SWITCH, port: "2" } }), [false, false]);
    assert.deepEqual(same(link, { ...link, altNames: ["wan"] }), [false, false]);
  });

  test("are compared by what is asked for alone, if anything is", () => {
    assert.equal(sameAttributes(LINK, { ...LINK, mtu: LINK.mtu + 1, neighbour: SWITCH }, ["name", "altNames"]), true);
    assert.equal(sameAttributes(LINK, { ...LINK, neighbour: SWITCH }, ["name", "neighbour"]), false);
  });
});
