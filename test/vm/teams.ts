/** Teams, whose ports' use only the team driver tells, and only root may ask. teamd(8) decides it in user space. */

import { cables, enslave, far, near, type Scenario, shell } from "./scenario.ts";

/** teamd on these links, whose other ends are up. A port of less number is preferred. */
function team(runner: string, ...numbers: readonly number[]) {
  const ports = numbers.map((n) => `"d${n}":{"prio":${100 - n}}`).join();
  const config = `{"device":"team0","runner":${runner},"link_watch":{"name":"ethtool"},"ports":{${ports}}}`;
  return [
    shell("mkdir -p /run/teamd", `teamd -d -c '${config}'`),
    near("link set team0 up", "address add 10.9.0.1/24 dev team0"),
  ];
}

function farEndsUp(...numbers: readonly number[]) {
  return far(...numbers.map((n) => `link set p${n} up`));
}

const NOT_KNOWN = "inactive (active port not known)";

/** Played first: the team is there before the program starts. */
const ACTIVE_BACKUP: Scenario = {
  name: "team, activebackup",
  before: [...cables(0, 1), farEndsUp(0, 1), ...team('{"name":"activebackup"}', 0, 1)],
  steps: [
    {
      name: "the program has just started: the active port is told to root alone",
      run: [],
      kernel: "team0 activebackup: d0 up enabled active, d1 up",
      program: "team0 ok: d0 active, d1 inactive (backup)",
      asNobody: `team0 ok: d0 ${NOT_KNOWN}, d1 ${NOT_KNOWN}`,
    },
    {
      name: "the active one loses carrier: the change is told to everybody",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "team0 activebackup: d0 down, d1 up enabled active",
      program: "team0 degraded: d0 failed (link down), d1 active",
    },
    {
      name: "its carrier is back",
      run: [far("link set p0 up")],
      kernel: "team0 activebackup: d0 up enabled active, d1 up",
      program: "team0 ok: d0 active, d1 inactive (backup)",
    },
  ],
};

const LOAD_BALANCE: Scenario = {
  name: "team, loadbalance",
  steps: [
    {
      name: "two ports have carrier",
      run: [...cables(0, 1), farEndsUp(0, 1), ...team('{"name":"loadbalance"}', 0, 1)],
      kernel: "team0 loadbalance: d0 up enabled, d1 up enabled",
      program: "team0 ok: d0 active, d1 active",
    },
    {
      name: "one loses carrier",
      run: [far("link set p0 down")],
      foretold: ["d0"],
      kernel: "team0 loadbalance: d0 down, d1 up enabled",
      program: "team0 degraded: d0 failed (link down), d1 active",
    },
  ],
};

const LACP: Scenario = {
  name: "team, lacp",
  steps: [
    {
      name: "two of three ports are bundled at the other end",
      run: [
        ...cables(0, 1, 2),
        far("link add bond9 type bond mode 802.3ad miimon 100 lacp_rate fast", ...enslave("bond9", "p0", "p1")),
        far("link set bond9 up", "link set p2 up"),
        ...team('{"name":"lacp","active":true,"fast_rate":true}', 0, 1, 2),
      ],
      kernel: "team0 loadbalance: d0 up enabled, d1 up enabled, d2 up",
      program: "team0 degraded: d0 active, d1 active, d2 failed (not enabled by teamd)",
    },
    {
      name: "the third is bundled too",
      run: [far(...enslave("bond9", "p2"))],
      kernel: "team0 loadbalance: d0 up enabled, d1 up enabled, d2 up enabled",
      program: "team0 ok: d0 active, d1 active, d2 active",
    },
  ],
};

export const TEAM_SCENARIOS: readonly Scenario[] = [ACTIVE_BACKUP, LOAD_BALANCE, LACP];
