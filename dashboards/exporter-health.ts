/** Whether the exporters can be believed: reachable, complete, quick, and their counters unbroken. */

import type { Dashboard } from "./dashboard.ts";
import { stat, table, timeline, timeSeries } from "./panel.ts";
import { health } from "./queries.ts";
import { BAD, CAUTION, LINK, PROVIDED, RISK, SUCCESS } from "./states.ts";
import { EXPORTERS } from "./variables.ts";

const THIRD = { width: 8, height: 8 } as const;
const LEGEND = "{{instance}}";

export const EXPORTER_HEALTH: Dashboard = {
  uid: "ipmp-exporter-health",
  title: "IPMP / Exporter health",
  description: "Whether the exporters are reachable, complete and quick, and whether their counters went on unbroken.",
  variables: EXPORTERS,
  marksFailovers: false,
  rows: [
    {
      title: "Now",
      panels: [
        stat({
          title: "All exporters up",
          description: "Down when one of the chosen exporters does not answer its scrapes.",
          unit: "short",
          width: 4,
          height: 6,
          states: LINK,
          queries: [{ expr: health.upMin }],
        }),
        stat({
          title: "All collectors ok",
          description: "Failed when a part of some collection failed: the numbers of that part are old or absent.",
          unit: "short",
          width: 4,
          height: 6,
          states: SUCCESS,
          queries: [{ expr: health.collectorSuccessMin }],
        }),
        table({
          title: "Exporters",
          description:
            "What runs where. Answers by netlink hear of every change; by /proc, only of what a reading finds.",
          unit: "short",
          width: 16,
          height: 6,
          sort: { by: "Up for", descending: false },
          columns: [
            { name: "Host", label: "instance" },
            { name: "Version", label: "version", width: 100 },
            { name: "Revision", label: "revision", width: 110 },
            { name: "Node", label: "nodeversion", width: 110 },
            { name: "Reads", label: "source", width: 110 },
            { name: "Build", expr: health.build, hidden: true },
            { name: "Source", expr: health.source, hidden: true },
            { name: "Up for", expr: health.uptime, unit: "s", width: 110 },
          ],
        }),
      ],
    },
    {
      title: "Scrapes",
      panels: [
        timeline({
          title: "Reachable",
          description:
            "Whether the scrapes succeeded. While an exporter is down, a loss of redundancy on that host goes unseen.",
          unit: "short",
          ...THIRD,
          states: LINK,
          queries: [{ expr: health.up, legend: LEGEND }],
        }),
        timeSeries({
          ...THIRD,
          title: "Scrape duration",
          description:
            "How long a scrape took, as Prometheus measured it. The timeout of Prometheus is 10 s by default.",
          unit: "s",
          limits: [
            [1, CAUTION],
            [5, BAD],
          ],
          queries: [{ expr: health.scrapeDuration, legend: LEGEND }],
        }),
        timeSeries({
          ...THIRD,
          title: "Samples per scrape",
          description: "Series that the exporter serves: grows with groups and members, and with nothing else.",
          unit: "short",
          decimals: 0,
          queries: [{ expr: health.scrapeSamples, legend: LEGEND }],
        }),
      ],
    },
    {
      title: "Collection",
      panels: [
        timeline({
          title: "Collectors",
          description: "Each part of a collection succeeds or fails by itself; one that fails never hides the others.",
          unit: "short",
          ...THIRD,
          states: SUCCESS,
          queries: [{ expr: health.collectorSuccess, legend: "{{instance}} {{collector}}" }],
        }),
        timeSeries({
          ...THIRD,
          title: "Collection duration",
          description: "How long reading the links took inside a scrape.",
          unit: "s",
          queries: [{ expr: health.collectorDuration, legend: "{{instance}} {{collector}}" }],
        }),
        timeSeries({
          ...THIRD,
          title: "Links refused by their group",
          description:
            "Links that the configuration names but that may not join now; the log and /api/v1/groups say why.",
          unit: "short",
          decimals: 0,
          limits: [[1, CAUTION]],
          queries: [{ expr: health.joinRefused, legend: LEGEND }],
        }),
        timeSeries({
          ...THIRD,
          title: "Counter resets",
          description:
            "Readings of a link that could not be continued (driver reload, link replaced). The group's counters go on all the same.",
          unit: "short",
          decimals: 0,
          queries: [{ expr: health.resets, legend: "{{instance}} {{reason}}" }],
        }),
        timeSeries({
          ...THIRD,
          title: "Lost link events",
          description:
            "Times the kernel dropped link events and everything was read again. Often: raise the socket's receive buffer.",
          unit: "short",
          decimals: 0,
          limits: [[1, CAUTION]],
          queries: [{ expr: health.gaps, legend: LEGEND }],
        }),
        table({
          title: "Statistics that the system provides",
          description: "A statistic that the system cannot provide has no series: absent is not zero.",
          unit: "short",
          ...THIRD,
          sort: { by: "Provided", descending: false },
          columns: [
            { name: "Host", label: "instance" },
            { name: "Statistic", label: "statistic" },
            { name: "Provided", expr: health.supported, states: PROVIDED, width: 110 },
          ],
        }),
      ],
    },
    {
      title: "Process",
      panels: [
        timeSeries({
          ...THIRD,
          title: "CPU",
          description: "Processor time used, in cores.",
          unit: "percentunit",
          min: 0,
          queries: [{ expr: health.cpu, legend: LEGEND }],
        }),
        timeSeries({
          ...THIRD,
          title: "Memory",
          description: "Resident memory, and the part of it that is the JavaScript heap in use.",
          unit: "bytes",
          min: 0,
          queries: [
            { expr: health.residentMemory, legend: `${LEGEND} resident` },
            { expr: health.heapUsed, legend: `${LEGEND} heap` },
          ],
        }),
        timeSeries({
          ...THIRD,
          title: "Open files",
          description: "Share of the file descriptors that the process may have.",
          unit: "percentunit",
          min: 0,
          limits: [
            [0.7, RISK],
            [0.9, BAD],
          ],
          queries: [{ expr: health.openFiles, legend: LEGEND }],
        }),
        timeSeries({
          width: 12,
          height: 8,
          title: "Event loop lag",
          description: "How late the event loop was at the last scrape; a link event waits as long.",
          unit: "s",
          limits: [[0.1, CAUTION]],
          queries: [{ expr: health.eventLoopLag, legend: LEGEND }],
        }),
        timeSeries({
          width: 12,
          height: 8,
          title: "Garbage collection",
          description: "Share of time spent collecting garbage.",
          unit: "percentunit",
          min: 0,
          queries: [{ expr: health.garbageCollection, legend: LEGEND }],
        }),
      ],
    },
  ],
};
