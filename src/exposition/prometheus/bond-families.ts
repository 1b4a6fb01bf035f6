/** What the bonding driver and LACP say of bonds and of their slaves. No other group has samples here. */

import type { PortAttributes } from "../../link/aggregate.ts";
import type { Family } from "./family.ts";
import { type LabelSet, labelSet } from "./label-set.ts";
import { perMember } from "./row-samples.ts";

const ACTOR = labelSet({ end: "actor" });
const PARTNER = labelSet({ end: "partner" });

/** Info labels of slaves by what they are made from, which is the same object until something happens to the slave. */
const slaveInfo = new WeakMap<PortAttributes, LabelSet>();

function ofSlave(port: PortAttributes): LabelSet {
  let labels = slaveInfo.get(port);
  if (!labels) {
    labels = labelSet({
      permanent_lladdr: port.permanentLladdr,
      aggregator: port.aggregator,
      partner_lladdr: port.partnerLladdr,
      partner_key: port.partnerKey,
    });
    slaveInfo.set(port, labels);
  }
  return labels;
}

export const BOND_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_group_bond",
    type: "info",
    help: 'How a bond watches its links ("mii", "arp"; with "none" it does not fail over), and what LACP agreed on; absent for a group that is no bond.',
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        if (group.source !== "bond") continue;
        const { monitor, lacp } = group;
        const said = {
          monitor,
          lacp_rate: lacp?.rate,
          min_links: lacp?.minLinks,
          actor_key: lacp?.actorKey,
          partner_lladdr: lacp?.partnerLladdr,
          partner_key: lacp?.partnerKey,
        };
        writer.integer(labels, sets.ofGroup(group, said), 1);
      }
    },
  },
  {
    name: "ipmp_member_bond",
    type: "info",
    help: "A slave's own link-layer address, which its bond may have replaced, its LACP aggregator, and who is at the other end, which only root is told; absent for a member of no bond.",
    samples({ members }, writer) {
      for (const { member, labels } of members) {
        const { port } = member.link.attributes;
        if (port?.kind === "bond") writer.integer(labels, ofSlave(port), 1);
      }
    },
  },
  {
    name: "ipmp_member_bond_link_failures",
    type: "counter",
    help: "Times the bond found the slave's link down, as the driver counts them (Link Failure Count); absent for a member of no bond.",
    samples: perMember(
      (member) => member.link.attributes.port?.linkFailures,
      ({ start }) => start,
    ),
  },
  {
    name: "ipmp_member_lacp_churned",
    type: "gauge",
    help: "Whether an end of the link has not come in sync with the other within a minute (churn machines of 802.1AX); absent outside of bonds in mode 802.3ad.",
    samples({ members }, writer) {
      for (const { member, labels } of members) {
        const { actorChurn, partnerChurn } = member.link.attributes.port ?? {};
        if (actorChurn !== undefined) writer.integer(labels, ACTOR, actorChurn === "churned");
        if (partnerChurn !== undefined) writer.integer(labels, PARTNER, partnerChurn === "churned");
      }
    },
  },
  {
    name: "ipmp_member_lacp_churns",
    type: "counter",
    help: "Times that an end of the link has not come in sync within a minute; absent outside of bonds in mode 802.3ad.",
    samples({ members }, writer) {
      for (const { member, labels, start } of members) {
        const { actorChurnedCount, partnerChurnedCount } = member.link.attributes.port ?? {};
        if (actorChurnedCount !== undefined) writer.integer(labels, ACTOR, actorChurnedCount, start);
        if (partnerChurnedCount !== undefined) writer.integer(labels, PARTNER, partnerChurnedCount, start);
      }
    },
  },
];
