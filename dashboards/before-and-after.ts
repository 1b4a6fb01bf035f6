/** What node_exporter says of the same links beside what ipmp-exporter says: for those who move from one to the other. */

import type { Dashboard } from "./dashboard.ts";
import { table, timeline, timeSeries } from "./panel.ts";
import { before, groups } from "./queries.ts";
import { GROUP_STATE } from "./states.ts";
import { MOVING } from "./variables.ts";

const HALF = { width: 12, height: 9 } as const;
const GROUP = "{{group}} on {{host}}";

export const BEFORE_AND_AFTER: Dashboard = {
  uid: "ipmp-before-and-after",
  title: "IPMP / Before and after",
  description:
    "What node_exporter says of the same links, beside what ipmp-exporter says. As long as nothing happens to a link, the lines lie on each other.",
  variables: MOVING,
  marksFailovers: true,
  rows: [
    {
      title: "Traffic",
      panels: [
        timeSeries({
          ...HALF,
          title: "Received",
          description:
            "Before: the sum of the single links, and the counter of the bond's own device where there is one. After: the group. They part when a link leaves, is reset or comes back.",
          unit: "bps",
          queries: [
            { expr: before.receiveOfLinks, legend: `before, links of ${GROUP}` },
            { expr: before.receiveOfDevice, legend: "before, device {{device}} on {{host}}" },
            { expr: before.receiveOfGroup, legend: `after, ${GROUP}` },
          ],
        }),
        timeSeries({
          ...HALF,
          title: "Transmitted",
          description: "The same in the other direction.",
          unit: "bps",
          queries: [
            { expr: before.transmitOfLinks, legend: `before, links of ${GROUP}` },
            { expr: before.transmitOfDevice, legend: "before, device {{device}} on {{host}}" },
            { expr: before.transmitOfGroup, legend: `after, ${GROUP}` },
          ],
        }),
        timeSeries({
          title: "Difference, received",
          description:
            "The group less the sum of its links. What is left while all is well is the time between the two scrapes; a spike downwards is a burst that never was.",
          unit: "bps",
          width: 24,
          height: 7,
          queries: [{ expr: before.difference, legend: GROUP }],
        }),
      ],
    },
    {
      title: "Redundancy",
      panels: [
        timeSeries({
          ...HALF,
          title: "Active slaves, usable members",
          description:
            "Before: node_bonding_active, for bonds only. After: members that are active or wait as standby.",
          unit: "short",
          decimals: 0,
          min: 0,
          queries: [
            { expr: before.bondActive, legend: `before, ${GROUP}` },
            { expr: before.usable, legend: `after, ${GROUP}` },
          ],
        }),
        timeline({
          ...HALF,
          title: "State",
          description: "After only: before, nothing says how a group is.",
          unit: "short",
          states: GROUP_STATE,
          queries: [{ expr: groups.state, legend: "{{group}} on {{instance}}" }],
        }),
        table({
          title: "Links",
          description:
            "Carrier of each link: before by sysfs, after as the group sees it, and how often it has failed.",
          unit: "short",
          width: 24,
          height: 8,
          sort: { by: "Host", descending: false },
          columns: [
            { name: "Host", label: "host" },
            { name: "Group", label: "group" },
            { name: "Link", label: "device" },
            { name: "Carrier before", expr: before.carrier, decimals: 0 },
            { name: "Link up after", expr: before.linkUp, decimals: 0 },
            { name: "Failures in this time", expr: before.failures, decimals: 0 },
          ],
        }),
      ],
    },
  ],
};
