/** State and history of groups. Where a group has no such thing (an ECMP group has no nominee), there is no sample. */

import { DOMAIN_KINDS } from "../../fate/failure-domain.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { LOCAL } from "../../link/link-id.ts";
import { GROUP_STATES, MEMBER_STATES } from "../../snapshot/snapshot.ts";
import { faultsOf } from "../../wording/verdict.ts";
import { decimalSeconds } from "./decimal-seconds.ts";
import type { Family } from "./family.ts";
import { labelSet, NO_LABELS } from "./label-set.ts";
import { perGroup, secondsPerGroup } from "./row-samples.ts";
import { type GroupRow, inThisProcess, type Rows } from "./rows.ts";

const STATES = GROUP_STATES.map((state) => ({ state, more: labelSet({ state }) }));
const STATES_OF_MEMBERS = MEMBER_STATES.map((state) => ({ state, more: labelSet({ state }) }));
const KINDS = DOMAIN_KINDS.map((kind) => ({ kind, more: labelSet({ kind }) }));
const CAST_FAMILIES = ["ipv4", "ipv6"] as const;

/** When its counters began that are saved over a restart. */
const ofGroup = ({ start }: GroupRow): Hrtime => start;

/** When its counters began that are not. */
const ofProcess = ({ start }: GroupRow, { snapshot }: Rows): Hrtime => inThisProcess(start, snapshot);

export const GROUP_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_group",
    type: "info",
    help: "What the group is: its meta-interface (gr_ifname), where it comes from and how traffic is spread.",
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        const { ifname, source, mode } = group;
        writer.integer(labels, sets.ofGroup(group, { ifname, source, mode }), 1);
      }
    },
  },
  {
    name: "ipmp_group_link_up",
    type: "gauge",
    help: "Whether the group can carry traffic: RUNNING of its meta-interface (kstat ipmp:0:<ifname>:link_up).",
    samples: perGroup((group) => group.linkUp),
  },
  {
    name: "ipmp_group_state",
    type: "gauge",
    help: "State as ipmpstat -g prints it, one of them 1: ok = every expected member usable and min_active of them active, degraded = less than that, failed = none usable.",
    samples({ groups }, writer) {
      for (const { group, labels } of groups) {
        for (const { state, more } of STATES) writer.integer(labels, more, group.state === state);
      }
    },
  },
  {
    name: "ipmp_group_members",
    type: "gauge",
    help: "Present members by what they are to the group (ipmpstat -g INTERFACES), each in exactly one state.",
    samples({ groups }, writer) {
      for (const { group, labels } of groups) {
        for (const { state, more } of STATES_OF_MEMBERS) writer.integer(labels, more, group.counts[state]);
      }
    },
  },
  {
    name: "ipmp_group_members_expected",
    type: "gauge",
    help: "Members that the configuration or the system promises, present or not.",
    samples: perGroup((group) => group.membersExpected),
  },
  {
    name: "ipmp_group_members_missing",
    type: "gauge",
    help: "Promised members that are not there.",
    samples: perGroup((group) => group.missing.length),
  },
  {
    name: "ipmp_group_join_refused",
    type: "gauge",
    help: "1 for each link that may not join now, with the errno of the failed test (ipmp_grp_vet_phyint).",
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        for (const { device, errno } of group.refused)
          writer.integer(labels, sets.ofGroup(group, { device, errno }), 1);
      }
    },
  },
  {
    name: "ipmp_group_fault",
    type: "gauge",
    help: '1 for each member that cannot be used, is not there or may not join, with the reason in the words of ipmp-exporter status ("has no carrier").',
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        for (const { label, reason } of faultsOf(group))
          writer.integer(labels, sets.ofGroup(group, { device: label, reason }), 1);
      }
    },
  },
  {
    name: "ipmp_group_failovers",
    type: "counter",
    help: "Times traffic moved away from a member that had been active.",
    samples: perGroup((group) => group.failovers, ofGroup),
  },
  {
    name: "ipmp_group_failover_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Time from the loss of an active member, as it was seen, until another member carries its traffic; where none was ready, the whole outage. Since the program started.",
    samples({ groups, snapshot }, writer) {
      for (const { group, labels, start } of groups)
        writer.histogram(labels, NO_LABELS, group.failoverDurations, inThisProcess(start, snapshot));
    },
  },
  {
    name: "ipmp_group_last_failover_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    help: "When traffic last moved away from an active member, in seconds since 1970; absent while that never happened.",
    samples: secondsPerGroup((group) => group.lastFailoverMs),
  },
  {
    name: "ipmp_group_state_seconds",
    moves: true,
    type: "counter",
    unit: "seconds",
    help: "Seconds that the group spent in each state since its counters began (ks_crtime).",
    samples({ groups }, writer) {
      for (const { group, labels, start } of groups) {
        for (const { state, more } of STATES)
          writer.decimal(labels, more, decimalSeconds(group.stateTime[state]), start);
      }
    },
  },
  {
    name: "ipmp_group_shared_fate",
    type: "gauge",
    help: '1 for each thing whose failure takes every usable member, where there are at least two; accepted="yes" where the configuration gives a reason.',
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        for (const { kind, domain, accepted } of group.fate?.shared ?? []) {
          const more = { kind, domain, accepted: accepted === undefined ? "" : "yes" };
          writer.integer(labels, sets.ofGroup(group, more), 1);
        }
      }
    },
  },
  {
    name: "ipmp_group_survives",
    type: "gauge",
    help: "Whether a failure of any one thing of the kind leaves a usable member; absent where the system does not tell enough, and while no member is usable.",
    samples({ groups }, writer) {
      for (const { group, labels } of groups) {
        const { survives = {} } = group.fate ?? {};
        for (const { kind, more } of KINDS) {
          const said = survives[kind];
          if (said !== undefined) writer.integer(labels, more, said);
        }
      }
    },
  },
  {
    name: "ipmp_group_cross_check_success",
    type: "gauge",
    help: "Whether our sum of a group fits the system's own (kstat ipmp:0:<ifname>); absent where the system does not count groups.",
    samples: perGroup(({ crossCheck }) => crossCheck && crossCheck.agreesSinceMs !== undefined),
  },
  {
    name: "ipmp_group_cross_check_agrees_since_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Since when our sum has fitted the system's own at every look, in seconds since 1970; absent while it does not.",
    samples: secondsPerGroup(({ crossCheck }) => crossCheck?.agreesSinceMs),
  },
  {
    name: "ipmp_group_cross_check_failures",
    type: "counter",
    help: "Looks at which our sum did not fit the system's own: a member came and went unseen, or a counter of the system fell. Since the program started.",
    samples: perGroup(({ crossCheck }) => crossCheck?.disagreements, ofProcess),
  },
  {
    name: "ipmp_group_mtu_bytes",
    type: "gauge",
    unit: "bytes",
    help: "MTU of the group, the smallest of its members' (ig_mtu); absent where it has none of its own.",
    samples: perGroup((group) => group.mtu),
  },
  {
    name: "ipmp_group_addresses",
    type: "gauge",
    help: "Data addresses of the group (ipifs of its meta-interface); absent where addresses do not belong to the group.",
    samples: perGroup((group) => group.addresses?.length),
  },
  {
    name: "ipmp_group_cast_device",
    type: "gauge",
    help: "1 for the member nominated for multicast and broadcast of a family (ig_cast_ill).",
    samples({ groups, labels: sets }, writer) {
      for (const { group, labels } of groups) {
        for (const family of CAST_FAMILIES) {
          const label = group.castDevice?.[family];
          if (label === undefined) continue;
          const member = group.members.find((one) => one.label === label);
          const { source = LOCAL } = member?.link.id ?? {};
          const device = member?.device ?? label;
          const more = source === LOCAL ? { family, device } : { family, device, source };
          writer.integer(labels, sets.ofGroup(group, more), 1);
        }
      }
    },
  },
  {
    name: "ipmp_group_rebinds",
    type: "counter",
    help: "Data addresses moved from one member to another (ipmp_ill_unbind_ipif, ipmp_ill_bind_ipif). Since the program started.",
    samples: perGroup((group) => group.rebinds, ofProcess),
  },
  {
    name: "ipmp_group_cast_changes",
    type: "counter",
    help: "Changes of the nominee for multicast and broadcast (ipmp_illgrp_set_cast). Since the program started.",
    samples: perGroup((group) => group.castChanges, ofProcess),
  },
];
