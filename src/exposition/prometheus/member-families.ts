/** State and history of the members that are present. */

import { LOCAL } from "../../link/link-id.ts";
import type { MemberSnapshot } from "../../snapshot/snapshot.ts";
import type { Family } from "./family.ts";
import { type LabelSet, labelSet, NO_LABELS } from "./label-set.ts";
import { perMember } from "./row-samples.ts";

/** Flags that mean something in a group, as illumos prints them. */
const FLAGS = ["RUNNING", "FAILED", "STANDBY", "INACTIVE", "OFFLINE"].map((flag) => ({
  flag,
  more: labelSet({ flag }),
}));

/** Reasons are few: "link", "probe", "lacp", "source". */
const reasonLabels = new Map<string, LabelSet>();

function ofReason(reason: string): LabelSet {
  const labels = reasonLabels.get(reason) ?? labelSet({ reason });
  reasonLabels.set(reason, labels);
  return labels;
}

/** What the group counts of a member, through all of its joins. */
function perReason(counts: (member: MemberSnapshot) => Readonly<Record<string, bigint>>): Family["samples"] {
  return ({ members }, writer) => {
    for (const { member, labels, group } of members) {
      const said = counts(member);
      for (const reason in said) writer.integer(labels, ofReason(reason), said[reason] ?? 0n, group.start);
    }
  };
}

export const MEMBER_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_member",
    type: "info",
    help: "What the member's link is: driver, kind, link-layer address, ifIndex, alias and alternative names (joined by commas), the card, switch and gateway that it depends on, kernel module and NUMA node, as far as the system tells.",
    samples({ members }, writer) {
      for (const { labels, info } of members) writer.integer(labels, info, 1);
    },
  },
  {
    name: "ipmp_member_active",
    type: "gauge",
    help: "Whether the group uses the member for traffic (ig_actif; ipmpstat -i ACTIVE).",
    samples: perMember((member) => member.active),
  },
  {
    name: "ipmp_member_link_up",
    type: "gauge",
    help: "Whether the member's link is up (IFF_RUNNING; ipmpstat -i LINK).",
    samples: perMember((member) => member.linkUp),
  },
  {
    name: "ipmp_member_flag",
    type: "gauge",
    help: "Interface flags of the member that matter to its group (phyint_flags), 1 when set.",
    samples({ members }, writer) {
      for (const { member, labels } of members) {
        const { flags } = member;
        for (const { flag, more } of FLAGS) writer.integer(labels, more, flags.includes(flag));
      }
    },
  },
  {
    name: "ipmp_member_bound_addresses",
    type: "gauge",
    help: "Data addresses bound to the member (ill_bound_cnt); absent where addresses are not bound to members.",
    samples: perMember((member) => member.boundAddresses),
  },
  {
    name: "ipmp_member_in_route",
    type: "gauge",
    help: "Whether the kernel's default route sends through the member now; absent where it does not tell, and in groups that follow no route.",
    samples: perMember((member) => member.route?.inRoute),
  },
  {
    name: "ipmp_member_route_weight",
    type: "gauge",
    help: "Weight of the member among the next hops of the default route in use; absent while it is in none.",
    samples: perMember((member) => member.route?.weight),
  },
  {
    name: "ipmp_member_lacp_in_active_aggregator",
    type: "gauge",
    help: "Whether the member chose the LACP aggregator that its bond uses (bonding mode 802.3ad); absent in any other group.",
    samples: perMember((member) => member.lacp?.inActiveAggregator),
  },
  {
    name: "ipmp_member_speed_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Speed of the member's link in bytes per second; absent while it is unknown.",
    samples: perMember((member) => {
      const bits = member.link.attributes.speedBitsPerSecond;
      return bits === undefined ? undefined : Math.floor(bits / 8);
    }),
  },
  {
    name: "ipmp_member_reading_timestamp_seconds",
    moves: true,
    type: "gauge",
    unit: "seconds",
    help: "When the counters of the member were last read, of a link of a system that is polled: its share is as of then.",
    samples({ snapshot, members }, writer) {
      for (const { member, labels } of members) {
        const { id, readAt } = member.link;
        if (id.source === LOCAL) continue;
        const ms = snapshot.wallMs - Number((snapshot.at - readAt) / 1_000_000n);
        writer.decimal(labels, NO_LABELS, String(ms / 1000));
      }
    },
  },
  {
    name: "ipmp_member_failures",
    type: "counter",
    help: "Times the member failed, by what found it: link (link state), probe (in.mpathd's probes, or a bond's monitor), lacp, source (a device that does not answer).",
    samples: perReason((member) => member.failures),
  },
  {
    name: "ipmp_member_repairs",
    type: "counter",
    help: "Times the member was repaired, by what had found the failure: link, probe, lacp or source.",
    samples: perReason((member) => member.repairs),
  },
];
