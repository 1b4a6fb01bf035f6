/** All chosen groups next to each other: state, traffic, headroom, members and failovers. */

import type { Dashboard } from "./dashboard.ts";
import { stat, table, timeline, timeSeries } from "./panel.ts";
import { fleet, groups, members } from "./queries.ts";
import { BAD, CAUTION, GOOD, GROUP_STATE, LINK, MEMBER_STATE, NEUTRAL, RISK, ROLE } from "./states.ts";
import { ALL_GROUPS } from "./variables.ts";

const TILE = { unit: "short", width: 4, height: 4, decimals: 0, noValue: "0" } as const;
const HALF = { width: 12, height: 9 } as const;
const LEGEND = "{{instance}} {{group}}";
const toGroup =
  "/d/ipmp-group-detail?var-datasource=${datasource}&${job:queryparam}&${__url_time_range}" +
  "&var-instance=${__data.fields.Host}&var-group=${__data.fields.Group}";

export const GROUPS: Dashboard = {
  uid: "ipmp-groups",
  title: "IPMP / Groups",
  description: "Groups of redundant links: state, traffic, headroom without the largest member, members and failovers.",
  variables: ALL_GROUPS,
  marksFailovers: true,
  rows: [
    {
      title: "Now",
      panels: [
        stat({
          ...TILE,
          title: "Groups",
          description: "Groups that the chosen hosts have.",
          queries: [{ expr: fleet.groups }],
          base: NEUTRAL,
        }),
        stat({
          ...TILE,
          title: "Failed",
          description: "Groups without any member that can carry traffic.",
          queries: [{ expr: fleet.groupsFailed }],
          limits: [[1, BAD]],
        }),
        stat({
          ...TILE,
          title: "Without redundancy",
          description: "Groups with one usable member of two or more promised.",
          queries: [{ expr: fleet.groupsAtRisk }],
          limits: [[1, RISK]],
        }),
        stat({
          ...TILE,
          title: "Failovers in this range",
          description: "Times traffic moved away from an active member.",
          queries: [{ expr: groups.failoversAll }],
          limits: [[1, CAUTION]],
        }),
        stat({
          title: "Receiving",
          description: "Traffic received by all chosen groups. Counted by group, so that nothing is counted twice.",
          unit: "bps",
          width: 4,
          height: 4,
          queries: [{ expr: groups.receiveAll }],
          base: NEUTRAL,
        }),
        stat({
          title: "Transmitting",
          description: "Traffic transmitted by all chosen groups.",
          unit: "bps",
          width: 4,
          height: 4,
          queries: [{ expr: groups.transmitAll }],
          base: NEUTRAL,
        }),
      ],
    },
    {
      title: "State",
      panels: [
        timeline({
          ...HALF,
          title: "Group state",
          description: "As ipmpstat -g prints it: ok = every promised member usable, degraded = some, failed = none.",
          unit: "short",
          states: GROUP_STATE,
          queries: [{ expr: groups.state, legend: LEGEND }],
        }),
        timeline({
          ...HALF,
          title: "Member state",
          description: "What each link is to its group. A standby that takes over turns from inactive to active.",
          unit: "short",
          states: MEMBER_STATE,
          queries: [{ expr: members.state, legend: "{{instance}} {{group}} {{device}}" }],
        }),
        timeSeries({
          ...HALF,
          title: "Time not ok",
          description:
            "Share of time in which a group was degraded or failed, from the exporter's own clock: it sees what lies between scrapes.",
          unit: "percentunit",
          min: 0,
          max: 1,
          queries: [{ expr: `1 - ${groups.shareOfTimeOk}`, legend: LEGEND }],
        }),
        timeSeries({
          ...HALF,
          title: "Failovers",
          description: "Times traffic moved away from an active member. A steady beat is a flapping link.",
          unit: "short",
          decimals: 0,
          stacked: true,
          queries: [{ expr: groups.failovers, legend: LEGEND }],
        }),
      ],
    },
    {
      title: "Traffic",
      panels: [
        timeSeries({
          ...HALF,
          title: "Traffic",
          description:
            "Received above zero, transmitted below. The counters survive joins, leaves, failovers and restarts: a step here is real.",
          unit: "bps",
          below: "/transmit$/",
          queries: [
            { expr: groups.receive, legend: `${LEGEND} receive` },
            { expr: groups.transmit, legend: `${LEGEND} transmit` },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Packets",
          description: "Received above zero, transmitted below.",
          unit: "pps",
          below: "/transmit$/",
          queries: [
            { expr: groups.receivePackets, legend: `${LEGEND} receive` },
            { expr: groups.transmitPackets, legend: `${LEGEND} transmit` },
          ],
        }),
      ],
    },
    {
      title: "Capacity",
      panels: [
        timeSeries({
          ...HALF,
          title: "Headroom without the largest member",
          description:
            "Capacity of the usable members without the largest one, less the busier direction now. Below zero, the failure of one " +
            "link costs packets. Absent while the speed of a usable member is unknown.",
          unit: "bps",
          base: BAD,
          limits: [[0, GOOD]],
          queries: [{ expr: groups.headroom, legend: LEGEND }],
        }),
        timeSeries({
          ...HALF,
          title: "Load on what one failure would leave",
          description:
            "The busier direction as a share of the capacity without the largest member. Plan more capacity before 90 %.",
          unit: "percentunit",
          min: 0,
          limits: [
            [0.7, CAUTION],
            [0.9, BAD],
          ],
          queries: [{ expr: groups.loadWithoutLargest, legend: LEGEND }],
        }),
      ],
    },
    {
      title: "Members",
      panels: [
        table({
          title: "Members, failed first",
          description: "Every present member. Failures counts this time range; a click on a group opens its detail.",
          unit: "short",
          width: 24,
          height: 10,
          sort: { by: "State", descending: true },
          columns: [
            { name: "Host", label: "instance" },
            { name: "Group", label: "group", link: { title: "Detail of this group", url: toGroup } },
            { name: "Link", label: "device" },
            { name: "State", expr: members.state, states: MEMBER_STATE, width: 110 },
            { name: "Role", expr: members.standby, states: ROLE, width: 100 },
            { name: "Carrier", expr: members.linkUp, states: LINK, width: 90 },
            { name: "Speed", expr: members.speed, unit: "bps", noValue: "unknown", width: 110 },
            { name: "Receiving", expr: members.receive, unit: "bps", width: 120 },
            { name: "Transmitting", expr: members.transmit, unit: "bps", width: 120 },
            { name: "Addresses", expr: members.boundAddresses, decimals: 0, noValue: "–", width: 110 },
            { name: "Failures", expr: members.failuresInRange, decimals: 0, limits: [[1, CAUTION]], width: 100 },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Errors",
          description:
            "Packets with errors, received above zero and transmitted below. One link's errors: cable or optic; all links': the switch.",
          unit: "pps",
          below: "/transmit$/",
          queries: [
            { expr: groups.receiveErrors, legend: `${LEGEND} receive` },
            { expr: groups.transmitErrors, legend: `${LEGEND} transmit` },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Imbalance of active members",
          description:
            "Transmitted by the busiest active member over the mean of all: 1 is even, the number of members is all on one.",
          unit: "short",
          decimals: 2,
          min: 1,
          limits: [[1.5, CAUTION]],
          queries: [{ expr: groups.imbalance, legend: LEGEND }],
        }),
      ],
    },
  ],
};
