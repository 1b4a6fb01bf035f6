/** Bonds of every mode: who carries traffic, who waits, who is lost and why. */

import { bondToSwitch, enslave, far, near, type Scenario } from "./scenario.ts";

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
      kernel: "bond0 up: d0 backup down, d1 active up",
      program: "bond0 degraded: d0 failed (link down), d1 active",
    },
    {
      name: "its carrier is back",
      run: [far("link set p0 up")],
      kernel: "bond0 up: d0 backup up, d1 active up",
      program: "bond0 ok: d0 inactive (backup), d1 active",
    },
    {
      name: "the active one is released",
      run: [near("link set d1 nomaster")],
      kernel: "bond0 up: d0 active up",
      program: "bond0 ok: d0 active",
    },
    {
      name: "the released one is enslaved again",
      run: [near(...enslave("bond0", "d1"))],
      kernel: "bond0 up: d0 active up, d1 backup up",
      program: "bond0 ok: d0 active, d1 inactive (backup)",
    },
  ],
};

export const BOND_SCENARIOS: readonly Scenario[] = [ACTIVE_BACKUP];
