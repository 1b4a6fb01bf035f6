/** Which hosts have lost redundancy, worst first: the page to open in the morning and after an alert. */

import type { Dashboard } from "./dashboard.ts";
import { bars, type Column, stat, table, timeline, timeSeries } from "./panel.ts";
import { fleet, groups } from "./queries.ts";
import { BAD, CAUTION, GOOD, GROUP_STATE, NEUTRAL, REDUNDANCY, RISK } from "./states.ts";
import { ALL_GROUPS } from "./variables.ts";

const TILE = { unit: "short", width: 3, height: 4, decimals: 0, noValue: "0" } as const;

/** Where a row about a host or a group leads, with the same times and data source. */
const CARRIED = "var-datasource=${datasource}&${job:queryparam}&${__url_time_range}";
const toHost = `/d/ipmp-groups?${CARRIED}&var-instance=\${__data.fields.Host}`;
const toGroup = `/d/ipmp-group-detail?${CARRIED}&var-instance=\${__data.fields.Host}&var-group=\${__data.fields.Group}`;

const HOST: Column = { name: "Host", label: "instance", link: { title: "Groups of this host", url: toHost } };
const GROUP: Column = { name: "Group", label: "group", link: { title: "Detail of this group", url: toGroup } };

export const FLEET_REDUNDANCY: Dashboard = {
  uid: "ipmp-fleet-redundancy",
  title: "IPMP / Fleet redundancy",
  description: "Which hosts have lost redundancy while their traffic still flows, worst first.",
  variables: ALL_GROUPS,
  marksFailovers: true,
  rows: [
    {
      title: "Now",
      panels: [
        stat({
          ...TILE,
          title: "Groups failed",
          description: "No member can carry traffic: these hosts are cut off on that path. Act at once.",
          queries: [{ expr: fleet.groupsFailed }],
          limits: [[1, BAD]],
        }),
        stat({
          ...TILE,
          title: "No redundancy",
          description: "One usable member of two or more promised: traffic flows, and the next failure is an outage.",
          queries: [{ expr: fleet.groupsAtRisk }],
          limits: [[1, RISK]],
        }),
        stat({
          ...TILE,
          title: "Groups reduced",
          description: "Members are failed, offline or missing, but at least two can still carry traffic.",
          queries: [{ expr: fleet.groupsReduced }],
          limits: [[1, CAUTION]],
        }),
        stat({
          ...TILE,
          title: "Groups full",
          description: "Every promised member is there and usable, as active or as waiting standby.",
          queries: [{ expr: fleet.groupsFull }],
        }),
        stat({
          ...TILE,
          title: "Hosts at risk",
          description: "Hosts with at least one group that has failed or has no redundancy left.",
          queries: [{ expr: fleet.hostsAtRisk }],
          limits: [[1, RISK]],
        }),
        stat({
          ...TILE,
          title: "Exporters silent",
          description:
            "Exporters that do not answer: their groups are missing from this page, whatever their condition.",
          queries: [{ expr: fleet.exportersSilent }],
          limits: [[1, RISK]],
        }),
        stat({
          ...TILE,
          title: "Hosts watched",
          description: "Hosts whose exporter reports at least one group. Fewer than you own: see Exporter health.",
          queries: [{ expr: fleet.hosts }],
          base: NEUTRAL,
        }),
        stat({
          ...TILE,
          title: "Failovers",
          description: "Times traffic moved away from an active member, on all hosts in this time range.",
          queries: [{ expr: groups.failoversAll }],
          limits: [[1, CAUTION]],
        }),
      ],
    },
    {
      title: "Worst first",
      panels: [
        table({
          title: "Hosts, worst first",
          description: "Each host by its worst group. A click on a host opens its groups.",
          unit: "short",
          width: 10,
          height: 11,
          sort: { by: "Worst", descending: true },
          columns: [
            HOST,
            { name: "Worst", expr: fleet.worstByHost, states: REDUNDANCY, width: 130 },
            { name: "At risk", expr: fleet.groupsAtRiskByHost, decimals: 0, limits: [[1, RISK]], width: 90 },
            { name: "Groups", expr: fleet.groupsByHost, decimals: 0, width: 90 },
            { name: "Failovers", expr: fleet.failoversByHost, decimals: 0, limits: [[1, CAUTION]], width: 100 },
          ],
        }),
        table({
          title: "Groups, worst first",
          description:
            "Redundancy counts failures that can still be survived; State is what ipmpstat -g prints. Headroom is the capacity " +
            "without the largest member, less the traffic now: below zero, a failure costs packets. A click opens the group.",
          unit: "short",
          width: 14,
          height: 11,
          sort: { by: "Redundancy", descending: true },
          columns: [
            HOST,
            GROUP,
            { name: "Redundancy", expr: groups.redundancyLoss, states: REDUNDANCY, width: 130 },
            { name: "State", expr: groups.state, states: GROUP_STATE, width: 100 },
            { name: "Usable", expr: groups.usable, decimals: 0, width: 80 },
            { name: "Expected", expr: groups.expected, decimals: 0, width: 90 },
            { name: "Missing", expr: groups.missing, decimals: 0, limits: [[1, RISK]], width: 90 },
            { name: "Headroom", expr: groups.headroom, unit: "bps", base: BAD, limits: [[0, GOOD]], width: 110 },
            { name: "Since failover", expr: groups.sinceFailover, unit: "s", noValue: "never", width: 120 },
          ],
        }),
      ],
    },
    {
      title: "What fails together",
      panels: [
        table({
          title: "Groups that one failure takes, by what fails",
          description:
            "Each switch, card, gateway or link on which all usable members of a group depend, and how many groups and hosts are lost with it. A switch with many groups is the one to give a second one first.",
          unit: "short",
          width: 12,
          height: 8,
          sort: { by: "Groups", descending: true },
          columns: [
            { name: "Kind", label: "kind", width: 100 },
            { name: "What", label: "domain" },
            { name: "Groups", expr: fleet.groupsByDomain, decimals: 0, limits: [[1, RISK]], width: 90 },
            { name: "Hosts", expr: fleet.hostsByDomain, decimals: 0, width: 90 },
          ],
        }),
        table({
          title: "Groups without a second switch, card, gateway or link",
          description:
            "The same by group. Those that the configuration accepts with a reason (shared_fate) are listed as well, and raise no alert.",
          unit: "short",
          width: 12,
          height: 8,
          sort: { by: "Host", descending: false },
          columns: [
            HOST,
            GROUP,
            { name: "Kind", label: "kind", width: 100 },
            { name: "What", label: "domain" },
            { name: "Shared", expr: fleet.sharedFate, hidden: true },
          ],
        }),
      ],
    },
    {
      title: "History",
      panels: [
        timeline({
          title: "Groups that lost redundancy",
          description: "Only groups that were not full at some moment of this time range; empty is good news.",
          unit: "short",
          width: 24,
          height: 9,
          states: REDUNDANCY,
          noValue: "Every group kept its redundancy",
          queries: [{ expr: fleet.lossOfThoseThatLost, legend: "{{instance}} {{group}}" }],
        }),
        timeSeries({
          title: "Groups by redundancy",
          description:
            "How many groups are in each condition. A step that many hosts share points at a switch, not at hosts.",
          unit: "short",
          width: 14,
          height: 9,
          decimals: 0,
          stacked: true,
          colors: { failed: BAD, "no redundancy": RISK, reduced: CAUTION, full: GOOD },
          queries: [
            { expr: fleet.groupsFailed, legend: "failed" },
            { expr: fleet.groupsAtRisk, legend: "no redundancy" },
            { expr: fleet.groupsReduced, legend: "reduced" },
            { expr: fleet.groupsFull, legend: "full" },
          ],
        }),
        bars({
          title: "Most failovers",
          description:
            "The ten hosts whose traffic moved between links most often in this time range: cables and optics to check.",
          unit: "short",
          width: 10,
          height: 9,
          decimals: 0,
          min: 0,
          limits: [
            [1, CAUTION],
            [5, RISK],
            [20, BAD],
          ],
          queries: [{ expr: fleet.failoversBusiest, legend: "{{instance}}" }],
        }),
      ],
    },
  ],
};
