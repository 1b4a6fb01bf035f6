/** What lldpcli prints, and what is taken from it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseNeighbours } from "#src/sources/linux/lldp-neighbours.js";

/** As lldpcli 1.0.16 prints a neighbour. */
function entry(name: string, chassis: string, { via = "LLDP", type = "mac", port = "p0" } = {}) {
  return {
    name,
    via,
    rid: "1",
    chassis: [{ id: [{ type, value: chassis }], name: [{ value: "sw1" }], descr: [{ value: "a switch" }] }],
    port: [{ id: [{ type: "mac", value: "96:9b:8b:f8:db:fe" }], descr: [{ value: port }], ttl: [{ value: "120" }] }],
  };
}

const printed = (...entries: readonly object[]) => JSON.stringify({ lldp: [{ interface: entries }] });

describe("the neighbours that lldpcli prints", () => {
  test("are known by the link on which each is heard", () => {
    const told = parseNeighbours(printed(entry("u0", "C6:6B:03:6D:94:79"), entry("u1", "sw-2", { type: "local" })));
    assert.deepEqual(Object.fromEntries(told ?? []), {
      u0: { chassis: "c6:6b:03:6d:94:79", systemName: "sw1", port: "p0" },
      u1: { chassis: "sw-2", systemName: "sw1", port: "p0" },
    });
  });

  test("are none where two are heard on one link, one heard twice is one", () => {
    const [a, b] = ["02:00:00:00:00:0a", "02:00:00:00:00:0b"];
    assert.deepEqual([...(parseNeighbours(printed(entry("u0", a), entry("u0", b), entry("u0", b))) ?? [])], []);
    assert.equal(parseNeighbours(printed(entry("u0", a), entry("u0", a)))?.get("u0")?.chassis, a);
  });

  test("are told apart by their system, where they call themselves by a part that each may have", () => {
    const told = parseNeighbours(printed(entry("u0", "eth0", { type: "ifname" })));
    assert.equal(told?.get("u0")?.chassis, "eth0@sw1");
    const octets = entry("u0", "43 68 61 73 73 69 73 2d 31", { type: "unhandled" });
    assert.equal(parseNeighbours(printed(octets))?.get("u0")?.chassis, "Chassis-1@sw1");
    assert.equal(parseNeighbours(printed(entry("u0", "00:00:00:00:00:00")))?.size, 0, "no MAC was given to it");
  });

  test("are none by another protocol, and none without a neighbour", () => {
    assert.equal(parseNeighbours(printed(entry("u0", "sw1", { via: "CDPv2", type: "local" })))?.size, 0);
    assert.equal(parseNeighbours("{}\n")?.size, 0);
    assert.equal(parseNeighbours('{ "lldp": [ {} ] }')?.size, 0);
    assert.equal(parseNeighbours("no JSON"), undefined);
  });

  test("never end the program, whatever is printed", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("lldp", "interface", "chassis", "id", "port"), (json, key) => {
        parseNeighbours(json);
        parseNeighbours(
          JSON.stringify({ lldp: [{ interface: [{ ...entry("u0", "x"), [key]: JSON.parse(json) as unknown }] }] }),
        );
        parseNeighbours(JSON.stringify({ [key]: JSON.parse(json) as unknown }));
      }),
    );
  });
});
