/** Bonds of mode 802.3ad: which links LACP brings up, and why it does not. The other end is a bond too, in another namespace. */

import { type Command, cables, enslave, far, near, type Scenario, shell, tc } from "./scenario.ts";

export const SWITCH_A = "02:00:00:00:00:0a";
export const SWITCH_B = "02:00:00:00:00:0b";

/** A bond here with these slaves; the other ends are up. */
function ours(options: string, ...numbers: readonly number[]): Command[] {
  return [
    ...cables(...numbers),
    near(
      `link add bond0 type bond mode 802.3ad miimon 100 ${options}`,
      ...enslave("bond0", ...numbers.map((n) => `d${n}`)),
    ),
    near("link set bond0 up", "address add 10.9.0.1/24 dev bond0"),
  ];
}

/** A switch at the other end that has bundled these ports. */
export function partner(name: string, lladdr: string, ...numbers: readonly number[]): Command {
  return far(
    `link add ${name} address ${lladdr} type bond mode 802.3ad miimon 100 lacp_rate fast`,
    ...enslave(name, ...numbers.map((n) => `p${n}`)),
    `link set ${name} up`,
  );
}

/** Waits until the bond has that partner: until then it uses a link on which nobody answers. */
function untilAnsweredBy(lladdr: string): Command {
  const answer = "$(cat /sys/class/net/bond0/bonding/ad_partner_mac)";
  return shell(`n=0; until [ "${answer}" = ${lladdr} ] || [ $n -ge 120 ]; do sleep 1; n=$((n + 1)); done`);
}

const PARTNER: Scenario = {
  name: "802.3ad with a partner",
  steps: [
    {
      name: "two of three ports are bundled at the other end",
      run: [
        ...ours("lacp_rate fast", 0, 1, 2),
        partner("bond9", SWITCH_A, 0, 1),
        far("address add 10.9.0.2/24 dev bond9", "link set p2 up"),
      ],
      kernel: "bond0 up: d0 active up, d1 active up, d2 backup up elsewhere",
      program: "bond0 degraded: d0 active, d1 active, d2 failed (no LACP partner)",
    },
    {
      name: "the third is bundled too",
      run: [far(...enslave("bond9", "p2"))],
      kernel: "bond0 up: d0 active up, d1 active up, d2 active up",
      program: "bond0 ok: d0 active, d1 active, d2 active",
    },
    {
      name: "the partner goes mute on one link; carrier stays",
      run: [tc("qdisc add dev p1 root netem loss 100%")],
      kernel: "bond0 up: d0 active up, d1 backup up elsewhere, d2 active up",
      program: "bond0 degraded: d0 active, d1 failed (no LACP partner), d2 active",
    },
    {
      name: "it speaks again",
      run: [tc("qdisc delete dev p1 root")],
      kernel: "bond0 up: d0 active up, d1 active up, d2 active up",
      program: "bond0 ok: d0 active, d1 active, d2 active",
    },
    {
      name: "a slave loses carrier",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "bond0 up: d0 backup down, d1 active up, d2 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active, d2 active",
    },
  ],
};

const NO_PARTNER: Scenario = {
  name: "802.3ad without a partner",
  steps: [
    {
      name: "the other end does not speak LACP: the bond uses one link",
      run: [...ours("lacp_rate fast", 0, 1), far("link set p0 up", "link set p1 up")],
      kernel: "bond0 up: d0 active up, d1 backup up elsewhere",
      program: "bond0 degraded: d0 active, d1 failed (no LACP partner)",
    },
  ],
};

const TWO_SWITCHES: Scenario = {
  name: "802.3ad to two switches",
  steps: [
    {
      name: "the first has bundled its port, the second has not",
      run: [
        ...ours("lacp_rate slow", 0, 1),
        partner("bond9", SWITCH_A, 0),
        far("address add 10.9.0.2/24 dev bond9", "link set p1 up"),
        untilAnsweredBy(SWITCH_A),
      ],
      kernel: "bond0 up: d0 active up, d1 backup up elsewhere",
      program: "bond0 degraded: d0 active, d1 failed (no LACP partner)",
    },
    {
      name: "the second is a partner of its own: a standby",
      run: [partner("bond8", SWITCH_B, 1)],
      kernel: "bond0 up: d0 active up, d1 backup up elsewhere",
      program: `bond0 ok: d0 active, d1 inactive (aggregator 2 of partner ${SWITCH_B}, active is 1)`,
      asNobody: "bond0 ok: d0 active, d1 inactive (aggregator 2, active is 1)",
    },
    {
      name: "the first switch is lost",
      run: [far("link set p0 down")],
      foretold: [`switch=${SWITCH_A}`],
      kernel: "bond0 up: d0 backup down elsewhere, d1 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active",
    },
  ],
};

const MIN_LINKS: Scenario = {
  name: "802.3ad with min_links 2",
  steps: [
    {
      name: "two links are there",
      run: [...ours("lacp_rate fast min_links 2", 0, 1), partner("bond9", SWITCH_A, 0, 1)],
      kernel: "bond0 up: d0 active up, d1 active up",
      program: "bond0 ok: d0 active, d1 active",
    },
    {
      name: "one is lost: the bond takes its carrier away",
      run: [far("link set p1 down")],
      foretold: ["d1"],
      kernel: "bond0 down: d0 active up, d1 backup down",
      program: "bond0 failed: d0 inactive (bond0 has no carrier: fewer than 2 links), d1 failed (link down)",
    },
    {
      name: "it is back",
      run: [far("link set p1 up")],
      kernel: "bond0 up: d0 active up, d1 active up",
      program: "bond0 ok: d0 active, d1 active",
    },
  ],
};

/** At the slow rate a partner speaks every 30 seconds, and is given up after 90. */
const SLOW: Scenario = {
  name: "802.3ad, lacp_rate slow",
  steps: [
    {
      name: "two ports are bundled at the other end",
      run: [
        ...ours("lacp_rate slow", 0, 1),
        partner("bond9", SWITCH_A, 0, 1),
        far("address add 10.9.0.2/24 dev bond9"),
      ],
      kernel: "bond0 up: d0 active up, d1 active up",
      program: "bond0 ok: d0 active, d1 active",
    },
    {
      name: "the partner goes mute on one link; carrier stays",
      run: [tc("qdisc add dev p1 root netem loss 100%")],
      kernel: "bond0 up: d0 active up, d1 backup up elsewhere",
      program: "bond0 degraded: d0 active, d1 failed (no LACP partner)",
    },
  ],
};

export const LACP_SCENARIOS: readonly Scenario[] = [PARTNER, NO_PARTNER, TWO_SWITCHES, MIN_LINKS, SLOW];
