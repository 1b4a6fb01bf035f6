/** What `/api/v1` says of bonds and their slaves beyond any group: the driver's own words, and LACP's. */

import type { GroupSnapshot, MemberSnapshot } from "../snapshot/snapshot.ts";
import { decimal } from "./json-values.ts";

/** Null for a group that is no bond; `lacp` null for one of any mode but 802.3ad. */
export function bondView({ source, monitor, lacp }: GroupSnapshot) {
  if (source !== "bond") return null;
  return {
    monitor: monitor ?? null,
    lacp: lacp
      ? {
          rate: lacp.rate ?? null,
          min_links: lacp.minLinks ?? null,
          active_aggregator: lacp.activeAggregator ?? null,
          actor_key: lacp.actorKey ?? null,
          partner_key: lacp.partnerKey ?? null,
          partner_lladdr: lacp.partnerLladdr ?? null,
        }
      : null,
  };
}

/** Null for a member of no bond; `lacp` null in any mode but 802.3ad. */
export function slaveView({ link, lacp }: MemberSnapshot) {
  const { port } = link.attributes;
  if (port?.kind !== "bond") return null;
  return {
    role: port.role ?? null,
    mii_status: port.miiStatus ?? null,
    link_failures: decimal(port.linkFailures),
    permanent_lladdr: port.permanentLladdr ?? null,
    lacp: lacp
      ? {
          aggregator: lacp.aggregator ?? null,
          in_active_aggregator: lacp.inActiveAggregator,
          actor_state: lacp.actorState ?? null,
          partner_state: lacp.partnerState ?? null,
          partner_lladdr: port.partnerLladdr ?? null,
          partner_key: port.partnerKey ?? null,
          actor_churn: port.actorChurn ?? null,
          partner_churn: port.partnerChurn ?? null,
          actor_churned: decimal(port.actorChurnedCount),
          partner_churned: decimal(port.partnerChurnedCount),
        }
      : null,
  };
}
