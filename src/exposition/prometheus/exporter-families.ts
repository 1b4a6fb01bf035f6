/** The kstats as the kernel would show them, and what the exporter says about its own collection. */

import { NET_STATISTICS } from "../../kstat/net.ts";
import { BITS } from "../../kstat/schema.ts";
import type { Family } from "./family.ts";
import { closeLabels, NOTHING, openLabels, wholeLabels, words } from "./text-format.ts";

const COUNTERS = NET_STATISTICS.filter(({ kind }) => kind === "counter");
const statisticLabels = new Map<string, Uint8Array>(
  NET_STATISTICS.map(({ name }) => [name, closeLabels({ statistic: name })]),
);

export const EXPORTER_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_kstat",
    type: "untyped",
    help: "Statistics of each group kstat exactly as kstat(8) shows them (ipmp_kstats): 32-bit ones modulo 2^32, unknown ones 0.",
    samples({ snapshot }, writer) {
      for (const { id, schema, values } of snapshot.kstats) {
        if (id.module !== "ipmp" || schema === undefined) continue;
        const labels = openLabels({ module: id.module, instance: String(id.instance), name: id.name });
        const shown = words(values);
        schema.statistics.forEach(({ name, type }, index) => {
          const close = statisticLabels.get(name) ?? closeLabels({ statistic: name });
          if (BITS[type] === 64) writer.word(labels, close, shown, index);
          else if (BITS[type] === 32) writer.half(labels, close, shown, index);
        });
      }
    },
  },
  {
    name: "ipmp_join_refused_total",
    type: "counter",
    help: "Links that were refused by a group, by the errno that the kernel would give (ipmp_grp_vet_phyint).",
    samples({ snapshot }, writer) {
      for (const { errno, count } of snapshot.joinsRefused ?? [])
        writer.text(NOTHING, wholeLabels({ errno }), String(count));
    },
  },
  {
    name: "ipmp_counter_resets_total",
    type: "counter",
    help: "Readings of link kstats (link:0:<device>) that could not be continued, and so began anew, by reason.",
    samples({ snapshot }, writer) {
      for (const { device, reason, count } of snapshot.resets) {
        writer.text(NOTHING, wholeLabels({ device, reason }), String(count));
      }
    },
  },
  {
    name: "ipmp_counter_supported",
    type: "gauge",
    help: "Whether the source provides a statistic (ipmp_kstats); one that it does not has no sample under its own name.",
    samples({ snapshot }, writer) {
      for (const { name } of COUNTERS) {
        writer.integer(NOTHING, wholeLabels({ statistic: name }), snapshot.supported.has(name));
      }
    },
  },
  {
    name: "ipmp_source_info",
    type: "gauge",
    help: "Which source answers about links (rtnetlink, /proc/net/dev, kstat(8)).",
    samples({ snapshot }, writer) {
      writer.integer(NOTHING, wholeLabels({ source: snapshot.source.name }), 1);
    },
  },
  {
    name: "ipmp_source_gaps_total",
    type: "counter",
    help: "Times link events were lost (ENOBUFS of rtnetlink) and everything had to be read again.",
    samples({ snapshot }, writer) {
      writer.text(NOTHING, wholeLabels({}), String(snapshot.source.gaps));
    },
  },
  {
    name: "ipmp_scrape_collector_success",
    type: "gauge",
    help: "Whether this part of the collection succeeded.",
    samples({ snapshot }, writer) {
      for (const { name, success } of snapshot.collectors) {
        writer.integer(NOTHING, wholeLabels({ collector: name }), success);
      }
    },
  },
  {
    name: "ipmp_scrape_collector_duration_seconds",
    type: "gauge",
    help: "How long this part of the collection took.",
    samples({ snapshot }, writer) {
      for (const { name, durationSeconds } of snapshot.collectors) {
        writer.text(NOTHING, wholeLabels({ collector: name }), String(durationSeconds));
      }
    },
  },
];
