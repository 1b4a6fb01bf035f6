/** Every MIB module that the agent has. */

import { IF_MIB } from "./if-mib.ts";
import { SNMPV2_MIB } from "./snmpv2-mib.ts";
import { type Sight, Tree } from "./store.ts";

export function agentTree(): Tree {
  return new Tree([...SNMPV2_MIB, ...IF_MIB]);
}

/** Sees everything. */
export function fullSight(tree: Tree): Sight {
  return new Uint8Array(tree.objects.length).fill(1);
}

/** What a manager of version 1 may see of it: no Counter64 (RFC 3584 section 4.2.2.1). */
export function version1Sight(tree: Tree, sight: Sight): Sight {
  return sight.map((seen, at) => (tree.objects[at]?.syntax === "Counter64" ? 0 : seen));
}
