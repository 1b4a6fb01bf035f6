/** The kinds of address, flags, and probes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isUnspecified, linkLayerLength } from "#src/ipmp/address.js";
import { flagNames, ILL_FLAGS, IPIF, IPIF_FLAGS, PHYI, PHYINT_FLAGS } from "#src/ipmp/flags.js";
import { ipifIsDataaddr, ipifIsStubaddr, ipifIsUpDataaddr, packetIsProbe } from "#src/ipmp/ipif.js";
import { Lan, present } from "./lan.ts";

const KINDS = [
  ["0.0.0.0", 0, "stub"],
  ["0.0.0.0", IPIF.UP, ""],
  ["192.0.2.1", 0, "data"],
  ["192.0.2.1", IPIF.UP, "data updata"],
  ["192.0.2.1", IPIF.NOFAILOVER, ""],
  ["192.0.2.1", IPIF.UP | IPIF.NOFAILOVER, ""],
  ["0.0.0.0", IPIF.NOFAILOVER, "stub"],
] as const;

describe("kinds of address", () => {
  test("ipifIsStubaddr, ipifIsDataaddr and ipifIsUpDataaddr go by UP, NOFAILOVER and the unspecified address", () => {
    const lan = new Lan();
    const ill = present(lan.phyint("A").v4);
    for (const [addr, flags, kinds] of KINDS) {
      const ipif = lan.ipif("x", ill, addr, flags);
      const found = [
        ipifIsStubaddr(ipif) ? "stub" : "",
        ipifIsDataaddr(ipif) ? "data" : "",
        ipifIsUpDataaddr(ipif) ? "updata" : "",
      ];
      assert.equal(found.filter(Boolean).join(" "), kinds, `${addr} ${flags}`);
    }
  });

  test("the unspecified address is known in both families", () => {
    assert.deepEqual(["0.0.0.0", "0:0:0:0:0:0:0:0", "::", "::1", "10.0.0.0"].map(isUnspecified), [
      true,
      true,
      true,
      false,
      false,
    ]);
    assert.deepEqual(["", "0a", "02:00:00:00:00:01"].map(linkLayerLength), [0, 1, 6]);
  });
});

describe("packetIsProbe", () => {
  test("is true for a member's packet from one of its test addresses, up or not", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.member("A", group).v4);
    lan.ipif("test", ill, "198.51.100.1", IPIF.NOFAILOVER);
    lan.ipif("unspecified", ill, "0.0.0.0", IPIF.NOFAILOVER);
    lan.ipif("data", ill, "198.51.100.2");
    assert.equal(packetIsProbe(ill, "198.51.100.1"), true);
    assert.equal(packetIsProbe(ill, "198.51.100.2"), false);
    assert.equal(packetIsProbe(ill, "0.0.0.0"), false);
    assert.equal(packetIsProbe(present(group.phyint.v4), "198.51.100.1"), false);
    const outside = present(lan.phyint("B").v4);
    lan.ipif("test", outside, "198.51.100.1", IPIF.NOFAILOVER);
    assert.equal(packetIsProbe(outside, "198.51.100.1"), false);
  });
});

describe("flags", () => {
  test("are named in the kernel's order, whatever order they were set in", () => {
    const flags = PHYI.IPMP | PHYI.INACTIVE | PHYI.RUNNING | PHYI.OFFLINE | PHYI.FAILED;
    assert.deepEqual(flagNames(PHYINT_FLAGS, flags), ["RUNNING", "FAILED", "OFFLINE", "INACTIVE", "IPMP"]);
  });

  test("have a bit and a kernel value of their own in each table", () => {
    for (const table of [PHYINT_FLAGS, ILL_FLAGS, IPIF_FLAGS]) {
      assert.equal(new Set(table.map(({ bit }) => bit)).size, table.length);
      assert.equal(new Set(table.map(({ iff }) => iff)).size, table.length);
    }
  });
});
