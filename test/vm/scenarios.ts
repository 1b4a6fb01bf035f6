/** The scenarios by what they are about, each set in the order in which one virtual machine plays it. */

import { BOND_SCENARIOS, TWO_BONDS } from "./bonds.ts";
import { LACP_SCENARIOS, LACP_SLOW } from "./lacp.ts";
import { LINK_SCENARIOS } from "./links.ts";
import type { Scenario } from "./scenario.ts";
import { TEAM_SCENARIOS } from "./teams.ts";

export const SCENARIOS = {
  teams: TEAM_SCENARIOS,
  bonds: [...BOND_SCENARIOS, TWO_BONDS], // the last: the program remembers a multipath default route that went
  lacp: LACP_SCENARIOS,
  links: [LACP_SLOW, ...LINK_SCENARIOS],
} as const satisfies Readonly<Record<string, readonly Scenario[]>>;

export type ScenarioSet = keyof typeof SCENARIOS;
