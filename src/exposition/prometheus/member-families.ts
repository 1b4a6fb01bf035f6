/** State and history of the members that are present. */

import type { MemberSnapshot } from "../../snapshot/snapshot.ts";
import type { Family } from "./family.ts";
import { type ClosingLabels, closeLabels, NOTHING } from "./text-format.ts";

/** Flags that mean something in a group, as illumos prints them. */
const FLAGS = ["RUNNING", "FAILED", "STANDBY", "INACTIVE", "OFFLINE"].map((flag) => ({
  flag,
  close: closeLabels({ flag }),
}));

/** A family with at most one number a member; undefined is no sample. */
function perMember(
  name: string,
  help: string,
  value: (member: MemberSnapshot) => number | boolean | undefined,
): Family {
  const samples: Family["samples"] = ({ members }, writer) => {
    for (const { member, whole } of members) {
      const said = value(member);
      if (said !== undefined) writer.integer(NOTHING, whole, said);
    }
  };
  return { name, type: "gauge", help, samples };
}

function perReason(
  name: string,
  help: string,
  counts: (member: MemberSnapshot) => Readonly<Record<string, bigint>>,
): Family {
  const closing = new Map<string, ClosingLabels>();
  const close = (reason: string): ClosingLabels => {
    const known = closing.get(reason) ?? closeLabels({ reason });
    closing.set(reason, known);
    return known;
  };
  const samples: Family["samples"] = ({ members }, writer) => {
    for (const { member, open } of members) {
      const said = counts(member);
      for (const reason in said) writer.text(open, close(reason), String(said[reason]));
    }
  };
  return { name, type: "counter", help, samples };
}

export const MEMBER_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_member_info",
    type: "gauge",
    help: "What the member's link is: driver, kind, link-layer address, ifIndex and alias, as the system gives them.",
    samples({ members }, writer) {
      for (const { open, info } of members) writer.integer(open, info, 1);
    },
  },
  perMember(
    "ipmp_member_active",
    "Whether the group uses the member for traffic (ig_actif; ipmpstat -i ACTIVE).",
    (member) => member.active,
  ),
  perMember(
    "ipmp_member_link_up",
    "Whether the member's link is up (IFF_RUNNING; ipmpstat -i LINK).",
    (member) => member.linkUp,
  ),
  {
    name: "ipmp_member_flag",
    type: "gauge",
    help: "Interface flags of the member that matter to its group (phyint_flags), 1 when set.",
    samples({ members }, writer) {
      for (const { member, open } of members) {
        const { flags } = member;
        for (const { flag, close } of FLAGS) writer.integer(open, close, flags.includes(flag));
      }
    },
  },
  perMember(
    "ipmp_member_bound_addresses",
    "Data addresses bound to the member (ill_bound_cnt); absent where addresses are not bound to members.",
    (member) => member.boundAddresses,
  ),
  perMember(
    "ipmp_member_lacp_in_active_aggregator",
    "Whether the member chose the LACP aggregator that its bond uses (bonding mode 802.3ad); absent in any other group.",
    (member) => member.lacp?.inActiveAggregator,
  ),
  perMember(
    "ipmp_member_speed_bytes",
    "Speed of the member's link in bytes per second; absent while it is unknown.",
    (member) => {
      const bits = member.link.attributes.speedBitsPerSecond;
      return bits === undefined ? undefined : Math.floor(bits / 8);
    },
  ),
  perReason(
    "ipmp_member_failures_total",
    "Times the member failed, by what found it (in.mpathd: link state or probes).",
    (member) => member.failures,
  ),
  perReason(
    "ipmp_member_repairs_total",
    "Times the member was repaired, by what had failed (in.mpathd: link state or probes).",
    (member) => member.repairs,
  ),
];
