/** Every scenario, in the order in which the virtual machine plays them. */

import { BOND_SCENARIOS, TWO_BONDS } from "./bonds.ts";
import { LACP_SCENARIOS } from "./lacp.ts";
import type { Scenario } from "./scenario.ts";
import { TEAM_SCENARIOS } from "./teams.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...TEAM_SCENARIOS,
  ...BOND_SCENARIOS,
  ...LACP_SCENARIOS,
  TWO_BONDS, // the last: the program remembers a multipath default route that went
];
