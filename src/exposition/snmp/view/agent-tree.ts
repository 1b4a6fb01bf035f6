/** Every MIB module that the agent has. */

import { FRAMEWORK_MIBS } from "../mibs/framework-mib.ts";
import { HOST_RESOURCES_MIB } from "../mibs/host-resources-mib.ts";
import { IF_MIB } from "../mibs/if-mib.ts";
import { IP_MIB } from "../mibs/ip-mib.ts";
import { ipmpExporterMib } from "../mibs/ipmp-exporter-mib.ts";
import { LAG_MIB } from "../mibs/lag-mib.ts";
import { SNMPV2_MIB } from "../mibs/snmpv2-mib.ts";
import type { Oid } from "../protocol/oid.ts";
import { oid } from "../protocol/oid.ts";
import { type Access, MibTree } from "./mib-view.ts";

/** Under net-snmp's arc for experiments (netSnmpPlaypen), where no enterprise number of one's own is needed. */
export const DEFAULT_ENTERPRISE: Oid = oid("1.3.6.1.4.1.8072.9999.9999.10191");

/** @throws RangeError when `enterprise` lies inside another module. */
export function agentTree(enterprise: Oid = DEFAULT_ENTERPRISE): MibTree {
  return new MibTree([
    ...SNMPV2_MIB,
    ...FRAMEWORK_MIBS,
    ...IF_MIB,
    ...IP_MIB,
    ...HOST_RESOURCES_MIB,
    ...LAG_MIB,
    ...ipmpExporterMib(enterprise),
  ]);
}

/** Sees everything. */
export function fullAccess(tree: MibTree): Access {
  return new Uint8Array(tree.objects.length).fill(1);
}

/** What a manager of version 1 may see of it: no Counter64 (RFC 3584 section 4.2.2.1). */
export function version1Access(tree: MibTree, access: Access): Access {
  return access.map((seen, at) => (tree.objects[at]?.syntax === "Counter64" ? 0 : seen));
}
