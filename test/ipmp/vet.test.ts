/** Who may join: the tests in order, and the first that fails decides. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Errno } from "#src/ipmp/errno.js";
import { ILLF, IPIF } from "#src/ipmp/flags.js";
import type { Ill } from "#src/ipmp/ill.js";
import type { IpmpGroup } from "#src/ipmp/ipmp-group.js";
import { grpVetIll, grpVetPhyint } from "#src/ipmp/vet.js";
import { Lan, present, up } from "./lan.ts";

/** What is wrong with an ill, in the order of the tests. */
const FAULTS: readonly [string, Errno, (lan: Lan, ill: Ill, group: IpmpGroup) => void][] = [
  ["an address is up", "EADDRINUSE", (lan, ill) => up(lan.ipif("x", ill, "198.51.100.1"))],
  [
    "an address belongs to DHCP",
    "EADDRNOTAVAIL",
    (lan, ill) => void lan.ipif("y", ill, "198.51.100.2", IPIF.DHCPRUNNING),
  ],
  ["an address is point-to-point", "EINVAL", (lan, ill) => void lan.ipif("z", ill, "198.51.100.3", IPIF.POINTOPOINT)],
  [
    "no multicast",
    "ENOTSUP",
    (_lan, ill) => {
      ill.flags &= ~ILLF.MULTICAST;
    },
  ],
  [
    "no ARP",
    "ENOTSUP",
    (_lan, ill) => {
      ill.flags |= ILLF.NOARP;
    },
  ],
  [
    "usesrc",
    "ENOTSUP",
    (_lan, ill) => {
      ill.usesrcGrpNext = true;
    },
  ],
  [
    "another media type",
    "EINVAL",
    (lan, ill, group) => {
      lan.member("first", group);
      ill.mactype = 32;
    },
  ],
];

describe("grpVetIll", () => {
  for (const [index, [reason, errno]] of FAULTS.entries()) {
    test(`refuses with ${errno}: ${reason}, whatever else is wrong after it`, () => {
      const lan = new Lan();
      const group = lan.group("ipmp0");
      const ill = present(lan.phyint("net0").v4);
      for (const [, , spoil] of FAULTS.slice(index).reverse()) spoil(lan, ill, group);
      assert.equal(grpVetIll(group, ill), errno);
    });
  }

  test("refuses an address held down as a duplicate", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.phyint("net0").v4);
    ill.ipifDupCount = 1;
    assert.equal(grpVetIll(group, ill), "EADDRINUSE");
  });

  test("refuses NONUD as it does NOARP", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.phyint("net0").v4);
    ill.flags |= ILLF.NONUD;
    assert.equal(grpVetIll(group, ill), "ENOTSUP");
  });

  test("lets a DHCP test address pass that is down", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.phyint("net0").v4);
    lan.ipif("t", ill, "198.51.100.9", IPIF.DHCPRUNNING | IPIF.NOFAILOVER);
    assert.equal(grpVetIll(group, ill), 0);
  });

  test("lets the first member have any media type", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    assert.equal(grpVetIll(group, present(lan.phyint("ib0", { mactype: 32 }).v4)), 0);
  });

  test("asks nothing more once a test has failed", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const ill = present(lan.phyint("net0").v4);
    up(lan.ipif("x", ill, "198.51.100.1"));
    let asked = 0;
    lan.effects.illAppaddrCnt = () => asked++;
    grpVetIll(group, ill);
    assert.equal(asked, 0);
  });
});

describe("grpVetPhyint", () => {
  test("refuses a family that the group lacks before anything else", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0");
    const phyint = lan.phyint("net0", { families: ["v4", "v6"] });
    lan.ipif("d", present(phyint.v4), "198.51.100.2", IPIF.DHCPRUNNING);
    assert.equal(grpVetPhyint(group, phyint), "EAFNOSUPPORT");
    assert.equal(grpVetPhyint(lan.group("ipmp1", ["v6"]), lan.phyint("net1")), "EAFNOSUPPORT");
  });

  test("reports IPv4 before IPv6", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v4", "v6"]);
    const phyint = lan.phyint("net0", { families: ["v4", "v6"] });
    present(phyint.v6).ipifDupCount = 1;
    assert.equal(grpVetPhyint(group, phyint), "EADDRINUSE");
    present(phyint.v4).flags |= ILLF.NOARP;
    assert.equal(grpVetPhyint(group, phyint), "ENOTSUP");
  });

  test("lets a clean interface in", () => {
    const lan = new Lan();
    const group = lan.group("ipmp0", ["v4", "v6"]);
    assert.equal(grpVetPhyint(group, lan.phyint("net0", { families: ["v4", "v6"] })), 0);
    assert.equal(grpVetPhyint(group, lan.phyint("net1", { families: ["v6"] })), 0);
  });
});
