/**
 * The ten traffic counters, of groups and of members. Two names for each, because a group's counter holds what departed members
 * carried and so is no sum of the others (writing_exporters: "use different metric names"); no `sum()` counts twice.
 */

import { NET_INDEX, type NetStatistic } from "../../kstat/net.ts";
import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";

interface Traffic extends Pick<Family, "unit"> {
  /** Between `ipmp_group_` or `ipmp_member_` and `_total`. */
  readonly noun: string;
  readonly statistic: NetStatistic;
  readonly what: string;
}

const TRAFFIC: readonly Traffic[] = [
  { noun: "receive_bytes", unit: "bytes", statistic: "rbytes64", what: "Bytes received" },
  { noun: "transmit_bytes", unit: "bytes", statistic: "obytes64", what: "Bytes transmitted" },
  { noun: "receive_packets", statistic: "ipackets64", what: "Packets received" },
  { noun: "transmit_packets", statistic: "opackets64", what: "Packets transmitted" },
  { noun: "receive_errors", statistic: "ierrors", what: "Packets received with errors" },
  { noun: "transmit_errors", statistic: "oerrors", what: "Packets that could not be transmitted because of errors" },
  { noun: "receive_multicast_packets", statistic: "multircv", what: "Multicast packets received" },
  { noun: "transmit_multicast_packets", statistic: "multixmt", what: "Multicast packets transmitted" },
  { noun: "receive_broadcast_packets", statistic: "brdcstrcv", what: "Broadcast packets received" },
  { noun: "transmit_broadcast_packets", statistic: "brdcstxmt", what: "Broadcast packets transmitted" },
];

export const GROUP_TRAFFIC: readonly Family[] = TRAFFIC.map(({ noun, statistic, what, ...unit }) => ({
  name: `ipmp_group_${noun}`,
  type: "counter",
  ...unit,
  help: `${what} by the group: departed members' share plus present members' (kstat ipmp:0:<ifname>:${statistic}, gr_kstats0).`,
  samples({ snapshot, groups }, writer) {
    if (!snapshot.supported.has(statistic)) return;
    const index = NET_INDEX[statistic];
    for (const { group, labels, total, start } of groups)
      if (!group.lacks?.has(statistic)) writer.word(labels, NO_LABELS, total, index, start);
  },
}));

export const MEMBER_TRAFFIC: readonly Family[] = TRAFFIC.map(({ noun, statistic, what, ...unit }) => ({
  name: `ipmp_member_${noun}`,
  type: "counter",
  ...unit,
  help: `${what} by the member since it joined its group (kstat link:0:<device>:${statistic} less phyint_kstats0).`,
  samples({ snapshot, members }, writer) {
    if (!snapshot.supported.has(statistic)) return;
    const index = NET_INDEX[statistic];
    for (const { member, labels, share, start } of members)
      if (!member.link.lacks?.has(statistic)) writer.word(labels, NO_LABELS, share, index, start);
  },
}));
