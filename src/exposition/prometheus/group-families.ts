/** State and history of groups. Where a group has no such thing (an ECMP group has no nominee), there is no sample. */

import { GROUP_STATES, type GroupSnapshot, MEMBER_STATES } from "../../snapshot/snapshot.ts";
import type { Family } from "./family.ts";
import { closeLabels, NOTHING } from "./text-format.ts";

const STATE_LABELS = GROUP_STATES.map((state) => ({ state, close: closeLabels({ state }) }));
const MEMBER_STATE_LABELS = MEMBER_STATES.map((state) => ({ state, close: closeLabels({ state }) }));
const CAST_FAMILIES = ["ipv4", "ipv6"] as const;

/** A family with at most one number a group; undefined is no sample. */
function perGroup(
  name: string,
  type: "counter" | "gauge",
  help: string,
  value: (group: GroupSnapshot) => number | bigint | boolean | string | undefined,
): Family {
  const samples: Family["samples"] = ({ groups }, writer) => {
    for (const { group, whole } of groups) {
      const said = value(group);
      if (said === undefined) continue;
      if (typeof said === "number" || typeof said === "boolean") writer.integer(NOTHING, whole, said);
      else writer.text(NOTHING, whole, String(said));
    }
  };
  return { name, type, help, samples };
}

export const GROUP_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_group_info",
    type: "gauge",
    help: "What the group is: its meta-interface (gr_ifname), where it comes from and how traffic is spread.",
    samples({ groups, labels }, writer) {
      for (const { group, open } of groups) {
        const { ifname, source, mode } = group;
        writer.integer(open, labels.close(group, { ifname, source, mode }), 1);
      }
    },
  },
  perGroup(
    "ipmp_group_link_up",
    "gauge",
    "Whether the group can carry traffic: RUNNING of its meta-interface (kstat ipmp:0:<ifname>:link_up).",
    (group) => group.linkUp,
  ),
  {
    name: "ipmp_group_state",
    type: "gauge",
    help: "State as ipmpstat -g prints it, one of them 1: ok = every member usable, degraded = some, failed = none.",
    samples({ groups }, writer) {
      for (const { group, open } of groups) {
        for (const { state, close } of STATE_LABELS) writer.integer(open, close, group.state === state);
      }
    },
  },
  {
    name: "ipmp_group_members",
    type: "gauge",
    help: "Present members by what they are to the group (ipmpstat -g INTERFACES), each in exactly one state.",
    samples({ groups }, writer) {
      for (const { group, open } of groups) {
        for (const { state, close } of MEMBER_STATE_LABELS) {
          let count = 0;
          for (const member of group.members) if (member.state === state) count++;
          writer.integer(open, close, count);
        }
      }
    },
  },
  perGroup(
    "ipmp_group_members_expected",
    "gauge",
    "Members that the configuration or the system promises, present or not.",
    (group) => group.membersExpected,
  ),
  perGroup(
    "ipmp_group_members_missing",
    "gauge",
    "Promised members that are not there.",
    (group) => group.missing.length,
  ),
  {
    name: "ipmp_group_join_refused",
    type: "gauge",
    help: "1 for each link that may not join now, with the errno of the failed test (ipmp_grp_vet_phyint).",
    samples({ groups }, writer) {
      for (const { group, open } of groups) {
        for (const { device, errno } of group.refused) writer.integer(open, closeLabels({ device, errno }), 1);
      }
    },
  },
  perGroup(
    "ipmp_group_failovers_total",
    "counter",
    "Times traffic moved away from a member that had been active.",
    (group) => group.failovers,
  ),
  perGroup(
    "ipmp_group_last_failover_timestamp_seconds",
    "gauge",
    "When traffic last moved away from an active member, in seconds since 1970; absent while that never happened.",
    (group) => (group.lastFailoverMs === undefined ? undefined : String(group.lastFailoverMs / 1000)),
  ),
  {
    name: "ipmp_group_state_seconds_total",
    type: "counter",
    help: "Seconds that the group spent in each state since its counters began (ks_crtime).",
    samples({ groups }, writer) {
      for (const { group, open } of groups) {
        for (const { state, close } of STATE_LABELS) writer.text(open, close, seconds(group.stateTime[state]));
      }
    },
  },
  perGroup(
    "ipmp_group_mtu_bytes",
    "gauge",
    "MTU of the group, the smallest of its members' (ig_mtu); absent where it has none of its own.",
    (group) => group.mtu,
  ),
  perGroup(
    "ipmp_group_addresses",
    "gauge",
    "Data addresses of the group (ipifs of its meta-interface); absent where addresses do not belong to the group.",
    (group) => group.addresses?.length,
  ),
  {
    name: "ipmp_group_cast_device",
    type: "gauge",
    help: "1 for the member nominated for multicast and broadcast of a family (ig_cast_ill).",
    samples({ groups, labels }, writer) {
      for (const { group, open } of groups) {
        for (const family of CAST_FAMILIES) {
          const device = group.castDevice?.[family];
          if (device !== undefined) writer.integer(open, labels.close(group, { family, device }), 1);
        }
      }
    },
  },
  perGroup(
    "ipmp_group_rebinds_total",
    "counter",
    "Data addresses moved from one member to another (ipmp_ill_unbind_ipif, ipmp_ill_bind_ipif).",
    (group) => group.rebinds,
  ),
  perGroup(
    "ipmp_group_cast_changes_total",
    "counter",
    "Changes of the nominee for multicast and broadcast (ipmp_illgrp_set_cast).",
    (group) => group.castChanges,
  ),
];

const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Exact decimal seconds without idle zeros. */
export function seconds(nanoseconds: bigint): string {
  const fraction = (nanoseconds % NANOSECONDS_PER_SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  const whole = nanoseconds / NANOSECONDS_PER_SECOND;
  return fraction === "" ? whole.toString() : `${whole}.${fraction}`;
}
