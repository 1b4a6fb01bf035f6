import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseNeighbour } from "#src/sources/linux/neighbour-message.js";
import { RTM } from "#src/sources/linux/rtnetlink.js";
import { attribute, concat, message, parseAll, words } from "./fixtures.ts";

const AF_INET = 2;
const AF_BRIDGE = 7;
const NUD = { INCOMPLETE: 0x01, REACHABLE: 0x02, STALE: 0x04, FAILED: 0x20, PERMANENT: 0x80 } as const;

const DESTINATION = attribute(1, Uint8Array.of(192, 0, 2, 1));
const MAC = attribute(2, Uint8Array.of(2, 0, 0, 0, 0, 0xaa));

/** struct ndmsg: family, padding, ifindex, state, flags, type; then what is said of it. */
function neighbour(state: number, { family = AF_INET, type = RTM.NEWNEIGH as number, said = [DESTINATION, MAC] } = {}) {
  return parseAll(message(type, concat(words(family, 7, state), ...said)), parseNeighbour)[0];
}

describe("a neighbour", () => {
  test("has its MAC while the kernel would use it", () => {
    for (const state of [NUD.REACHABLE, NUD.STALE, NUD.PERMANENT])
      assert.deepEqual(neighbour(state), {
        ifindex: 7,
        address: "192.0.2.1",
        lladdr: "02:00:00:00:00:aa",
        isSilent: false,
      });
  });

  test("that is asked for, has not answered, or is forgotten has none", () => {
    for (const state of [NUD.INCOMPLETE, NUD.FAILED])
      assert.deepEqual(neighbour(state), {
        ...{ ifindex: 7, address: "192.0.2.1", lladdr: undefined },
        isSilent: state === NUD.FAILED,
      });
    assert.equal(neighbour(NUD.STALE, { type: RTM.DELNEIGH })?.lladdr, undefined);
    assert.equal(neighbour(NUD.STALE, { said: [DESTINATION] })?.lladdr, undefined);
  });

  test("of a bridge, without an address, or cut, is none", () => {
    assert.equal(neighbour(NUD.PERMANENT, { family: AF_BRIDGE }), undefined);
    assert.equal(neighbour(NUD.PERMANENT, { said: [MAC] }), undefined);
    assert.deepEqual(parseAll(message(RTM.NEWNEIGH, words(AF_INET, 7)), parseNeighbour), []);
  });
});
