/** Bonds of links that are not alike: bonds of bonds, a bond in a VRF. */

import { bondToSwitch, cables, enslave, far, near, type Scenario } from "./scenario.ts";

const NESTED: Scenario = {
  name: "a bond of a bond",
  steps: [
    {
      name: "a link waits behind a bond of two",
      run: [
        ...cables(0, 1, 2),
        far("link add br0 type bridge", "link set br0 up", "address add 10.9.0.2/24 dev br0"),
        far(...["p0", "p1", "p2"].flatMap((port) => [`link set ${port} master br0`, `link set ${port} up`])),
        near("link add bond0 type bond mode balance-xor miimon 100", ...enslave("bond0", "d0", "d1")),
        near("link add bond1 type bond mode active-backup miimon 100", ...enslave("bond1", "bond0", "d2")),
        near("link set bond1 up", "address add 10.9.0.1/24 dev bond1"),
      ],
      kernel: "bond0 up: d0 active up, d1 active up · bond1 up: bond0 active up, d2 backup up",
      program: "bond0 ok: d0 active, d1 active · bond1 ok: bond0 active, d2 inactive (backup)",
    },
    {
      name: "the inner bond loses both links",
      run: [far("link set p0 down", "link set p1 down")],
      foretold: ["d0", "d1"],
      kernel: "bond0 down: d0 active down, d1 active down · bond1 up: bond0 backup down, d2 active up",
      program:
        "bond0 failed: d0 failed (link down), d1 failed (link down) · bond1 degraded: bond0 failed (link down), d2 active",
    },
  ],
};

/** A VLAN has the carrier of its parent. */
const OF_VLANS: Scenario = {
  name: "a bond of VLANs",
  steps: [
    {
      name: "each over a link of its own",
      run: [
        ...cables(0, 1),
        far("link set p0 up", "link set p1 up"),
        near(...[0, 1].flatMap((n) => [`link set d${n} up`, `link add link d${n} name d${n}.10 type vlan id 10`])),
        near("link add bond0 type bond mode active-backup miimon 100", ...enslave("bond0", "d0.10", "d1.10")),
        near("link set bond0 up", "address add 10.9.0.1/24 dev bond0"),
      ],
      kernel: "bond0 up: d0.10 active up, d1.10 backup up",
      program: "bond0 ok: d0.10 active, d1.10 inactive (backup)",
      fate: "bond0 shares nothing; survives link",
    },
    {
      name: "the link below one is lost",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "bond0 up: d0.10 backup down, d1.10 active up",
      program: "bond0 degraded: d0.10 failed (link down), d1.10 active",
    },
  ],
};

const IN_VRF: Scenario = {
  name: "a bond in a VRF",
  steps: [
    {
      name: "whose default route is not that of table main",
      run: [
        ...bondToSwitch("mode active-backup miimon 100", 0, 1),
        near("link add red type vrf table 10", "link set red up", "link set bond0 master red"),
        near("route add default via 10.9.0.2 dev bond0 table 10"),
      ],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
      log: "VRF red has table 10, which has an IPv4 default route over bond0",
    },
  ],
};

export const LINK_SCENARIOS: readonly Scenario[] = [NESTED, OF_VLANS, IN_VRF];
