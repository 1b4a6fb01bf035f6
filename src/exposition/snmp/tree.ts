/** Every MIB module that the agent has. */

import { FRAMEWORK_MIBS } from "./framework-mib.ts";
import { IF_MIB } from "./if-mib.ts";
import { IP_MIB } from "./ip-mib.ts";
import { ipmpExporterMib } from "./ipmp-exporter-mib.ts";
import { LAG_MIB } from "./lag-mib.ts";
import type { Oid } from "./oid.ts";
import { oid } from "./oid.ts";
import { SNMPV2_MIB } from "./snmpv2-mib.ts";
import { type Sight, Tree } from "./store.ts";

/** Under net-snmp's arc for experiments (netSnmpPlaypen), where no enterprise number of one's own is needed. */
export const DEFAULT_ENTERPRISE: Oid = oid("1.3.6.1.4.1.8072.9999.9999.10191");

/** @throws RangeError when `enterprise` lies inside another module. */
export function agentTree(enterprise: Oid = DEFAULT_ENTERPRISE): Tree {
  return new Tree([...SNMPV2_MIB, ...FRAMEWORK_MIBS, ...IF_MIB, ...IP_MIB, ...LAG_MIB, ...ipmpExporterMib(enterprise)]);
}

/** Sees everything. */
export function fullSight(tree: Tree): Sight {
  return new Uint8Array(tree.objects.length).fill(1);
}

/** What a manager of version 1 may see of it: no Counter64 (RFC 3584 section 4.2.2.1). */
export function version1Sight(tree: Tree, sight: Sight): Sight {
  return sight.map((seen, at) => (tree.objects[at]?.syntax === "Counter64" ? 0 : seen));
}
