/** What happens to a bond of two slaves while it carries traffic. */

import { bondToSwitch, cables, enslave, far, near } from "../../test/vm/scenario.ts";
import type { BondRow } from "./row.ts";

const MODE = "mode active-backup miimon 100";
export const MAKE = bondToSwitch(MODE, 0, 1);

export const BOND_ROWS: readonly BondRow[] = [
  {
    name: "bond-failover",
    title: "the active slave loses its carrier, and the other one after it",
    disturb: async (stage) => {
      stage.perform(far("link set p0 down"));
      await stage.kernelSays("bond0 up: d0 backup down, d1 active up");
      await stage.carry();
      stage.perform(far("link set p0 up"));
      await stage.kernelSays("bond0 up: d0 backup up, d1 active up");
      stage.perform(far("link set p1 down"));
      await stage.kernelSays("bond0 up: d0 active up, d1 backup down");
    },
  },
  {
    name: "bond-release",
    title: "a slave is released, carries traffic of its own, and is enslaved again",
    disturb: async (stage) => {
      stage.perform(
        near("link set d1 nomaster", "link set d1 up", "address add 10.7.0.1/24 dev d1"),
        near("neighbour add 10.7.0.2 lladdr 02:00:00:00:00:99 dev d1 nud permanent"),
      );
      await stage.sendTo("10.7.0.2", 20);
      stage.perform(near("address flush dev d1", ...enslave("bond0", "d1")));
      await stage.kernelSays("bond0 up: d0 active up, d1 backup up");
    },
  },
  {
    name: "bond-slave-deleted",
    title: "the active slave, a veth, is deleted, made again under its name and enslaved",
    explanation:
      "A veth that is deleted loses what it received since it was last read: its last message says 0, and the bond itself keeps " +
      "what somebody, here the reader of its counters, has last made it add up. We were asked before that reader. Other links tell " +
      "their counters with their last message.",
    disturb: async (stage) => {
      stage.perform(near("link delete d0"));
      await stage.kernelSays("bond0 up: d1 active up");
      await stage.carry();
      stage.perform(...cables(0), far("link set p0 master br0", "link set p0 up"), near(...enslave("bond0", "d0")));
      await stage.kernelSays("bond0 up: d0 backup up, d1 active up");
    },
  },
  {
    name: "bond-renamed",
    title: "the bond is renamed",
    disturb: async (stage) => {
      stage.perform(near("link set bond0 down", "link set bond0 name uplink", "link set uplink up"));
      await stage.says("uplink ok");
    },
  },
  {
    name: "bond-remade",
    title: "the bond is deleted and made again under its name, its traffic pausing",
    disturb: async (stage) => {
      await stage.quiet();
      stage.perform(near("link delete bond0"));
      await stage.kernelSays("");
      stage.perform(
        near(`link add bond0 type bond ${MODE}`, ...enslave("bond0", "d0", "d1")),
        near("link set bond0 up", "address add 10.9.0.1/24 dev bond0"),
      );
      await stage.says("bond0 ok: d0 active, d1 inactive");
    },
  },
  {
    name: "bond-restart",
    title: "the program is stopped and started, traffic going on; the active slave changes meanwhile",
    disturb: async (stage) => {
      const again = stage.restart("SIGTERM");
      stage.perform(far("link set p0 down"));
      await again;
      await stage.says("bond0 degraded: d0 failed (link down), d1 active");
    },
  },
  {
    name: "bond-kill",
    title: "kill -9 of the program, traffic going on; a slave is released and enslaved again meanwhile",
    disturb: async (stage) => {
      const again = stage.restart("SIGKILL");
      stage.perform(near("link set d1 nomaster"), near(...enslave("bond0", "d1")));
      await again;
      await stage.says("bond0 ok: d0 active, d1 inactive");
    },
  },
];
