/** Every scenario, in the order in which the virtual machine plays them. */

import { BOND_SCENARIOS } from "./bonds.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: readonly Scenario[] = [...BOND_SCENARIOS];
