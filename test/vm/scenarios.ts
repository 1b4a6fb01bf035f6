/** All scenarios, in the order in which the virtual machine plays them. */

import { BOND_SCENARIOS, TWO_BONDS } from "./bonds.ts";
import { CARD_SCENARIOS } from "./cards.ts";
import { LACP_SCENARIOS } from "./lacp.ts";
import { LINK_SCENARIOS } from "./links.ts";
import type { Scenario } from "./scenario.ts";
import { TEAM_SCENARIOS } from "./teams.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...TEAM_SCENARIOS, // first: one team is there before the program starts
  ...CARD_SCENARIOS,
  ...LACP_SCENARIOS,
  ...BOND_SCENARIOS,
  ...LINK_SCENARIOS,
  TWO_BONDS, // last: the program remembers a multipath default route that went
];

/** @param expression what their names have; an empty one finds all */
export function scenariosNamed(expression: string): readonly Scenario[] {
  return SCENARIOS.filter(({ name }) => new RegExp(expression).test(name));
}
