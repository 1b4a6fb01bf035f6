/** Bonds of every mode but LACP's: who carries traffic, who waits, who is lost and why. */

import { bondToSwitch, cables, enslave, FAR, far, near, type Scenario, type Step, tc } from "./scenario.ts";

const ACTIVE_BACKUP: Scenario = {
  name: "active-backup",
  steps: [
    {
      name: "two slaves have carrier",
      run: bondToSwitch("mode active-backup miimon 100", 0, 1),
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "the active one loses carrier",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "bond0 up: d0 backup down, d1 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active",
      events: [
        "bond0 d0 link-state down: link down",
        "bond0 d0 active → failed: link down",
        "bond0 d1 inactive → active: taken into use by the bond",
        "bond0 ok → degraded: d0 has no carrier",
      ],
    },
    {
      name: "its carrier is back",
      run: [far("link set p0 up")],
      kernel: "bond0 up: d0 backup up, d1 active up",
      program: "bond0 ok: d0 inactive (backup), d1 active",
    },
    {
      name: "a slave is set down",
      run: [near("link set d1 down")],
      foretold: ["d1"],
      kernel: "bond0 up: d0 active up, d1 backup down",
      program: "bond0 degraded: d0 active, d1 offline (administratively down)",
    },
    {
      name: "and up again",
      run: [near("link set d1 up")],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "a slave is renamed",
      run: [near("link set d1 down", "link set d1 name wan1", "link set wan1 up")],
      kernel: "bond0 up: d0 active up, wan1 backup up",
      program: "bond0 ok: d0 active, wan1 inactive (backup)",
    },
    {
      name: "the bond is set down",
      run: [near("link set bond0 down")],
      kernel: "bond0 up: d0 active up, wan1 backup up",
      program: "bond0 failed: d0 inactive (bond0 is administratively down), wan1 inactive (backup)",
    },
  ],
};

const MEMBERSHIP: Scenario = {
  name: "membership",
  steps: [
    {
      name: "three slaves have carrier",
      run: bondToSwitch("mode balance-rr miimon 100", 0, 1, 2),
      kernel: "bond0 up: d0 active up, d1 active up, d2 active up",
      program: "bond0 ok: d0 active, d1 active, d2 active",
    },
    {
      name: "one is released",
      run: [near("link set d1 nomaster")],
      kernel: "bond0 up: d0 active up, d2 active up",
      program: "bond0 ok: d0 active, d2 active",
      events: ["bond0 d1 member-left: link changed"],
    },
    {
      name: "it is enslaved again",
      run: [near(...enslave("bond0", "d1"))],
      kernel: "bond0 up: d0 active up, d1 active up, d2 active up",
      program: "bond0 ok: d0 active, d1 active, d2 active",
    },
    {
      name: "one is moved to another namespace: the kernel releases it first",
      run: [near(`link set d2 netns ${FAR}`)],
      kernel: "bond0 up: d0 active up, d1 active up",
      program: "bond0 ok: d0 active, d1 active",
    },
    {
      name: "and one is deleted",
      run: [near("link delete d1")],
      kernel: "bond0 up: d0 active up",
      program: "bond0 degraded: d0 active, d1 missing",
    },
    {
      name: "the bond is renamed",
      run: [near("link set bond0 down", "link set bond0 name uplink", "link set uplink up")],
      kernel: "uplink up: d0 active up",
      program: "uplink degraded: d0 active, d1 missing",
    },
    {
      name: "it is deleted",
      run: [near("link delete uplink")],
      kernel: "",
      program: "",
    },
    {
      name: "another one is made under its first name",
      run: [
        near("link add bond0 type bond mode balance-xor miimon 100", ...enslave("bond0", "d0"), "link set bond0 up"),
      ],
      kernel: "bond0 up: d0 active up",
      program: "bond0 ok: d0 active",
    },
  ],
};

/** Modes in which all slaves with carrier carry traffic. */
function spreading(mode: string): Scenario {
  return {
    name: mode,
    steps: [
      {
        name: "two slaves have carrier",
        run: bondToSwitch(`mode ${mode} miimon 100`, 0, 1),
        kernel: "bond0 up: d0 active up, d1 active up",
        program: "bond0 ok: d0 active, d1 active",
      },
      {
        name: "one loses carrier",
        run: [far("link set p1 down")],
        foretold: ["d1"],
        kernel: "bond0 up: d0 active up, d1 active down",
        program: "bond0 degraded: d0 active, d1 failed (link down)",
      },
      {
        name: "so does the other",
        run: [far("link set p0 down")],
        foretold: ["d0"],
        kernel: "bond0 down: d0 active down, d1 active down",
        program: "bond0 failed: d0 failed (link down), d1 failed (link down)",
      },
      {
        name: "both are back",
        run: [far("link set p0 up", "link set p1 up")],
        kernel: "bond0 up: d0 active up, d1 active up",
        program: "bond0 ok: d0 active, d1 active",
      },
    ],
  };
}

function primary(reselect: string, afterRepair: Pick<Step, "kernel" | "program">): Scenario {
  return {
    name: `primary, reselect ${reselect}`,
    steps: [
      {
        name: "the second slave is the primary",
        run: [
          ...bondToSwitch(`mode active-backup miimon 100 primary_reselect ${reselect}`, 0, 1),
          near("link set bond0 type bond primary d1"),
        ],
        kernel: "bond0 up: d0 backup up, d1 active up",
        program: "bond0 ok: d0 inactive (backup), d1 active",
      },
      {
        name: "it loses carrier",
        run: [far("link set p1 down")],
        foretold: ["d1"],
        kernel: "bond0 up: d0 active up, d1 backup down",
        program: "bond0 degraded: d0 active, d1 failed (link down)",
      },
      { name: "its carrier is back", run: [far("link set p1 up")], ...afterRepair },
    ],
  };
}

const PRIMARY = [
  primary("always", {
    kernel: "bond0 up: d0 backup up, d1 active up",
    program: "bond0 ok: d0 inactive (backup), d1 active",
  }),
  primary("failure", {
    kernel: "bond0 up: d0 active up, d1 backup up",
    program: "bond0 ok: d0 active, d1 inactive (backup)",
  }),
];

const DELAYS: Scenario = {
  name: "delays",
  steps: [
    {
      name: "two slaves have carrier",
      run: bondToSwitch("mode active-backup miimon 100 updelay 4000 downdelay 4000", 0, 1),
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "the active one has just lost carrier: the down delay runs",
      run: [far("link set p0 down")],
      kernel: "bond0 up: d0 active going down, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "the down delay is over",
      run: [],
      kernel: "bond0 up: d0 backup down, d1 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active",
    },
    {
      name: "carrier is back: the up delay runs",
      run: [far("link set p0 up")],
      kernel: "bond0 up: d0 backup going back, d1 active up",
      program: "bond0 degraded: d0 failed (link up, the bond's up delay is running), d1 active",
    },
    {
      name: "the up delay is over",
      run: [],
      kernel: "bond0 up: d0 backup up, d1 active up",
      program: "bond0 ok: d0 inactive (backup), d1 active",
    },
  ],
};

const ARP_MONITOR: Scenario = {
  name: "ARP monitor",
  steps: [
    {
      name: "the target answers",
      run: bondToSwitch("mode active-backup arp_interval 200 arp_ip_target 10.9.0.2 arp_validate all", 0, 1),
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "nothing comes back over the active one; carrier stays",
      run: [tc("qdisc add dev p0 root netem loss 100%")],
      kernel: "bond0 up: d0 backup down, d1 active up",
      program: "bond0 degraded: d0 failed (link up, but down to the bond's monitor), d1 active",
    },
    {
      name: "it answers again",
      run: [tc("qdisc delete dev p0 root")],
      kernel: "bond0 up: d0 backup up, d1 active up",
      program: "bond0 ok: d0 inactive (backup), d1 active",
    },
  ],
};

const NO_MONITOR: Scenario = {
  name: "no monitor",
  steps: [
    {
      name: "two slaves have carrier",
      run: bondToSwitch("mode active-backup", 0, 1),
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "the active one loses carrier, and the bond does not see it",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 failed: d0 failed (link down, which this bond does not monitor), d1 inactive (backup)",
    },
    {
      name: "a monitor is switched on: the bond fails over",
      run: [near("link set bond0 type bond miimon 100")],
      kernel: "bond0 up: d0 backup down, d1 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active",
    },
  ],
};

const LAYERS: Scenario = {
  name: "over a bond",
  steps: [
    {
      name: "a VLAN and a bridge stand on it",
      run: [
        ...bondToSwitch("mode active-backup miimon 100", 0, 1),
        near(
          ...["link add link bond0 name bond0.10 type vlan id 10", "link set bond0.10 up"],
          ...["link add br1 type bridge", "link set br1 up", "link set bond0.10 master br1"],
        ),
      ],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
    {
      name: "the bond itself becomes a port of the bridge",
      run: [near("link delete bond0.10", "link set bond0 master br1")],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
  ],
};

export const TWO_BONDS: Scenario = {
  name: "two bonds under a multipath default",
  steps: [
    {
      name: "both bonds carry it",
      run: [
        ...bondToSwitch("mode active-backup miimon 100", 0, 1),
        ...cables(2, 3),
        far("link add br1 type bridge", "link set br1 up", "address add 10.8.0.2/24 dev br1"),
        far("link set p2 master br1", "link set p2 up", "link set p3 master br1", "link set p3 up"),
        near("link add bond1 type bond mode balance-xor miimon 100", ...enslave("bond1", "d2", "d3")),
        near("link set bond1 up", "address add 10.8.0.1/24 dev bond1"),
        near("route add default nexthop via 10.9.0.2 dev bond0 nexthop via 10.8.0.2 dev bond1"),
      ],
      kernel: "bond0 up: d0 active up, d1 backup up · bond1 up: d2 active up, d3 active up",
      program:
        "bond0 ok: d0 active, d1 inactive (backup) · bond1 ok: d2 active, d3 active · default ok: bond0 active, bond1 active",
    },
    {
      name: "one bond loses every slave's carrier",
      run: [far("link set p2 down", "link set p3 down")],
      foretold: ["d2", "d3"],
      kernel: "bond0 up: d0 active up, d1 backup up · bond1 down: d2 active down, d3 active down",
      program:
        "bond0 ok: d0 active, d1 inactive (backup) · bond1 failed: d2 failed (link down), d3 failed (link down) · default degraded: bond0 active, bond1 failed (link down, and the kernel still routes over it (ignore_routes_with_linkdown is 0))",
    },
  ],
};

export const BOND_SCENARIOS: readonly Scenario[] = [
  ACTIVE_BACKUP,
  MEMBERSHIP,
  ...["balance-rr", "balance-xor", "broadcast", "balance-tlb", "balance-alb"].map(spreading),
  ...PRIMARY,
  DELAYS,
  ARP_MONITOR,
  NO_MONITOR,
  LAYERS,
];
