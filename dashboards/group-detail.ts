/** One group: everything that the exporter knows of it, down to its kstat. */

import type { Dashboard } from "./dashboard.ts";
import { stat, table, timeline, timeSeries } from "./panel.ts";
import { groups, members, paths } from "./queries.ts";
import { BAD, CAUTION, GOOD, GROUP_STATE, LINK, MEMBER_STATE, NEUTRAL, REDUNDANCY, RISK, TARGETS } from "./states.ts";
import { ONE_GROUP } from "./variables.ts";

const TILE = { unit: "short", width: 3, height: 4 } as const;
const HALF = { width: 12, height: 9 } as const;
const THIRD = { width: 8, height: 10 } as const;

export const GROUP_DETAIL: Dashboard = {
  uid: "ipmp-group-detail",
  title: "IPMP / Group detail",
  description: "One group of redundant links: its members, where its addresses are, what moved and when.",
  variables: ONE_GROUP,
  marksFailovers: true,
  rows: [
    {
      title: "Now",
      panels: [
        stat({
          ...TILE,
          title: "State",
          description: "As ipmpstat -g prints it: ok = every promised member usable, degraded = some, failed = none.",
          states: GROUP_STATE,
          queries: [{ expr: groups.state, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Redundancy",
          description: "Whether the next failure of a link can be survived.",
          states: REDUNDANCY,
          queries: [{ expr: groups.redundancyLoss, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Carrying traffic",
          description: "RUNNING of the group's meta-interface: at least one member is active.",
          states: LINK,
          queries: [{ expr: groups.linkUp, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Usable members",
          description: "Members that are active or wait as standby.",
          decimals: 0,
          base: BAD,
          limits: [
            [1, RISK],
            [2, GOOD],
          ],
          queries: [{ expr: groups.usable, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Failovers",
          description: "Times traffic moved away from an active member in this time range.",
          decimals: 0,
          limits: [[1, CAUTION]],
          queries: [{ expr: groups.failoversInRange, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Since last failover",
          description: "How long ago traffic last moved away from an active member.",
          unit: "s",
          base: NEUTRAL,
          noValue: "never",
          queries: [{ expr: groups.sinceFailover, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Not ok",
          description: "Time in this range in which the group was degraded or failed.",
          unit: "s",
          decimals: 0,
          limits: [[1, CAUTION]],
          queries: [{ expr: groups.secondsNotOk, legend: "{{instance}}" }],
        }),
        stat({
          ...TILE,
          title: "Failed",
          description: "Time in this range in which the group could carry nothing.",
          unit: "s",
          decimals: 0,
          limits: [[1, BAD]],
          queries: [{ expr: groups.secondsFailed, legend: "{{instance}}" }],
        }),
      ],
    },
    {
      title: "Members",
      panels: [
        timeline({
          title: "Member state",
          description:
            "What each link is to the group. Inactive is a standby that waits; offline was taken out by an operator.",
          unit: "short",
          ...HALF,
          states: MEMBER_STATE,
          queries: [{ expr: members.state, legend: "{{device}}" }],
        }),
        timeline({
          title: "Carrier",
          description: "Whether each member's link is up, whatever the group makes of it.",
          unit: "short",
          ...HALF,
          states: LINK,
          queries: [{ expr: members.linkUp, legend: "{{device}}" }],
        }),
        table({
          title: "Links",
          description: "What the system says of each member's link, and how many data addresses are bound to it.",
          unit: "short",
          width: 24,
          height: 6,
          sort: { by: "Link", descending: false },
          columns: [
            { name: "Link", label: "device" },
            { name: "ifIndex", label: "ifindex", width: 90 },
            { name: "Driver", label: "driver" },
            { name: "Link-layer address", label: "lladdr" },
            { name: "Present", expr: members.info, hidden: true },
            { name: "State", expr: members.state, states: MEMBER_STATE, width: 110 },
            { name: "Speed", expr: members.speed, unit: "bps", noValue: "unknown", width: 110 },
            { name: "Addresses", expr: members.boundAddresses, decimals: 0, noValue: "–", width: 110 },
          ],
        }),
        table({
          title: "Nominees",
          description:
            "Which member sends and receives the group's multicast and broadcast (ig_cast_ill), by address family.",
          unit: "short",
          width: 12,
          height: 5,
          sort: { by: "Family", descending: false },
          columns: [
            { name: "Family", label: "family" },
            { name: "Link", label: "device" },
            { name: "Nominated", expr: groups.nominee, hidden: true },
          ],
        }),
        stat({
          title: "Data addresses",
          description:
            "Addresses that belong to the group and move with it; absent where the system keeps them on links.",
          unit: "short",
          width: 6,
          height: 5,
          decimals: 0,
          base: NEUTRAL,
          noValue: "on links",
          queries: [{ expr: groups.addresses, legend: "{{instance}}" }],
        }),
        stat({
          title: "MTU",
          description: "The smallest MTU of the members, which is the group's.",
          unit: "bytes",
          width: 6,
          height: 5,
          base: NEUTRAL,
          noValue: "none of its own",
          queries: [{ expr: groups.mtu, legend: "{{instance}}" }],
        }),
      ],
    },
    {
      title: "Traffic",
      panels: [
        timeSeries({
          ...HALF,
          title: "Received, by member",
          description: "Which links bring the traffic in. Inbound spread is the switch's or the peers' choice.",
          unit: "bps",
          stacked: true,
          queries: [{ expr: members.receive, legend: "{{device}}" }],
        }),
        timeSeries({
          ...HALF,
          title: "Transmitted, by member",
          description:
            "Which links take the traffic out. At a failover one colour replaces another and the height stays.",
          unit: "bps",
          stacked: true,
          queries: [{ expr: members.transmit, legend: "{{device}}" }],
        }),
        timeSeries({
          ...HALF,
          title: "Traffic and capacity",
          description:
            "The busier direction against the capacity of the usable members, and against what would be left without the largest. " +
            "Traffic above that line does not survive a failure.",
          unit: "bps",
          colors: { capacity: GOOD, "without the largest member": RISK, traffic: "blue" },
          queries: [
            { expr: groups.capacity, legend: "capacity" },
            { expr: groups.capacityWithoutLargest, legend: "without the largest member" },
            { expr: groups.busierDirection, legend: "traffic" },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Utilisation of members",
          description: "Transmitted traffic over the speed of each link; absent while the speed is unknown.",
          unit: "percentunit",
          min: 0,
          max: 1,
          limits: [
            [0.7, CAUTION],
            [0.9, BAD],
          ],
          queries: [{ expr: members.utilisation, legend: "{{device}}" }],
        }),
        timeSeries({
          ...HALF,
          title: "Errors, by member",
          description: "Packets with errors, received above zero and transmitted below.",
          unit: "pps",
          below: "/transmit$/",
          queries: [
            { expr: members.receiveErrors, legend: "{{device}} receive" },
            { expr: members.transmitErrors, legend: "{{device}} transmit" },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Multicast received",
          description:
            "Multicast packets received by the group. Two members in one broadcast domain without IPMP would double them.",
          unit: "pps",
          queries: [{ expr: groups.receiveMulticast, legend: "{{instance}}" }],
        }),
      ],
    },
    {
      title: "Path quality",
      panels: [
        timeSeries({
          ...THIRD,
          title: "Probe loss",
          description:
            "Share of probes that were never answered, by member. Five in a row fail a member; a share that stays above nothing announces it.",
          unit: "percentunit",
          min: 0,
          limits: [
            [0.01, CAUTION],
            [0.05, BAD],
          ],
          queries: [{ expr: paths.loss, legend: "{{device}}" }],
        }),
        timeSeries({
          ...THIRD,
          title: "Round trip",
          description:
            "Time until the kernel has received the answer: the mean, and what 99 of 100 answers stay below. One member that differs is a path that differs.",
          unit: "s",
          min: 0,
          queries: [
            { expr: paths.roundTripMean, legend: "{{device}} mean" },
            { expr: paths.roundTripAlmostAll, legend: "{{device}} 99 %" },
          ],
        }),
        timeSeries({
          ...THIRD,
          title: "Failure detection time",
          description:
            "How long a cut path can go unnoticed. It rises above what is configured while targets answer slowly.",
          unit: "s",
          min: 0,
          queries: [{ expr: paths.detectionTime, legend: "{{instance}}" }],
        }),
        timeline({
          ...HALF,
          title: "Targets of the group",
          description:
            "Mute: no target answers any member though links are up. Either the targets are silent or everything behind the links is cut; the traffic stays where it is.",
          unit: "short",
          states: TARGETS,
          queries: [{ expr: paths.targetsMute, legend: "{{instance}}" }],
        }),
        table({
          title: "Probes",
          description:
            "How each member is probed (none: its link alone decides), and how many targets it asks in turn or has set aside.",
          unit: "short",
          ...HALF,
          sort: { by: "Link", descending: false },
          columns: [
            { name: "Link", label: "device" },
            { name: "Family", label: "family", width: 80 },
            { name: "Method", label: "method", width: 90 },
            { name: "Probed", expr: paths.method, hidden: true },
            { name: "Targets", expr: paths.targetsActive, decimals: 0, width: 90 },
            { name: "Set aside", expr: paths.targetsSetAside, decimals: 0, width: 100 },
          ],
        }),
      ],
    },
    {
      title: "Changes",
      panels: [
        timeSeries({
          ...THIRD,
          title: "Failures and repairs",
          description: "Per member and by what found it: the link's state, or probes. Repairs are drawn below zero.",
          unit: "short",
          decimals: 0,
          below: "/repaired$/",
          queries: [
            { expr: members.failures, legend: "{{device}} {{reason}} failed" },
            { expr: members.repairs, legend: "{{device}} {{reason}} repaired" },
          ],
        }),
        timeSeries({
          ...THIRD,
          title: "Moves",
          description: "Data addresses moved between members, and changes of the nominee for multicast and broadcast.",
          unit: "short",
          decimals: 0,
          queries: [
            { expr: groups.rebinds, legend: "addresses moved" },
            { expr: groups.castChanges, legend: "nominee changed" },
          ],
        }),
        table({
          title: "kstat",
          description:
            "The group's kernel statistics as kstat(8) prints them on illumos: 32-bit ones wrap, 64-bit ones do not.",
          unit: "none",
          ...THIRD,
          sort: { by: "Statistic", descending: false },
          columns: [
            { name: "Host", label: "instance" },
            { name: "Statistic", label: "statistic" },
            { name: "Value", expr: groups.kstat, unit: "none", decimals: 0 },
          ],
        }),
      ],
    },
  ],
};
