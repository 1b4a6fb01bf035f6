/** What the process says about itself: `process_*`, `nodejs_*`, the build, and the server's own (web-metrics.ts). */

import { getHeapStatistics } from "node:v8";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { LabelSets, NO_LABELS } from "../exposition/prometheus/label-set.ts";
import type { FamilyHead, SampleWriter } from "../exposition/prometheus/sample-writer.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import { addWebMetrics, type WebState } from "./web-metrics.ts";

export interface Build {
  readonly version: string;
  readonly revision: string;
}

export interface ProcessMetrics {
  /** All families, as of now. `start`: when the process began. */
  write(writer: SampleWriter, start: Hrtime): Promise<void>;
}

/**
 * Left out: gauges that are named as if they were counters (`promtool check metrics` objects, and nodejs_active_resources
 * says the same by type), and the distribution of the event loop's delay, for which Node would wake up a hundred times a
 * second.
 */
const LEFT_OUT = [
  "nodejs_active_resources_total",
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  ...["min", "max", "mean", "stddev", "p50", "p90", "p99"].map((part) => `nodejs_eventloop_lag_${part}_seconds`),
];

/** Longest pause between two samples of the event loop's delay that the monitor takes: about 24 days. */
const NEVER_MS = 2 ** 31 - 1;

type Metric = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number];
/** A value of a histogram says which of its series it is; prom-client's types leave that out. */
type Value = Metric["values"][number] & { readonly metricName?: string };

/** What `collect` does before each reading, prom-client's types say only of metrics in general. */
interface Gathered extends Gauge {
  collect: () => void;
}

export function createProcessMetrics(build: Build, web?: WebState): ProcessMetrics {
  const registry = new Registry();
  const info = new Gauge({
    name: "ipmp_exporter_build_info",
    help: "What was built: version, source revision and the Node it runs on.",
    labelNames: ["version", "revision", "nodeversion"],
    registers: [registry],
  });
  info.set({ ...build, nodeversion: process.version }, 1);
  if (web) addWebMetrics(registry, web);
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
  const gauge = (name: string): Gathered => registry.getSingleMetric(name) as Gathered; // prom-client's are gauges
  // prom-client's would compute the distribution that is left out, for more than all other metrics cost.
  const lag = gauge("nodejs_eventloop_lag_seconds");
  lag.collect = () => {
    const began = performance.now();
    setImmediate(() => lag.set((performance.now() - began) / 1000));
  };
  // prom-client's asks process.memoryUsage(), which has the same numbers of V8 and reads /proc/self/stat for one more.
  const total = gauge("nodejs_heap_size_total_bytes");
  const used = gauge("nodejs_heap_size_used_bytes");
  const external = gauge("nodejs_external_memory_bytes");
  total.collect = () => {
    const heap = getHeapStatistics();
    total.set(heap.total_heap_size);
    used.set(heap.used_heap_size);
    external.set(heap.external_memory);
  };

  const heads = new Map<string, FamilyHead>();
  /** The same for each scrape, so that writers can keep what they make of it. */
  function familyOf(metric: Metric): FamilyHead {
    const known = heads.get(metric.name) ?? headOf(metric);
    heads.set(metric.name, known);
    return known;
  }

  const labels = new LabelSets(256);
  return {
    async write(writer, start) {
      for (const metric of await registry.getMetricsAsJSON()) {
        const family = familyOf(metric);
        writer.family(family);
        if (family.type === "histogram") {
          writeHistogram(metric.values, labels, writer, start);
          continue;
        }
        const since = family.type === "counter" ? start : undefined;
        for (const value of metric.values) {
          writer.decimal(NO_LABELS, labels.of(value.labels), String(value.value), since);
        }
      }
    },
  };
}

const TYPES: Readonly<Record<string, FamilyHead["type"]>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
};
const UNITS = ["bytes", "seconds"] as const;

function headOf({ name, type, help }: Metric): FamilyHead {
  const short = name.replace(/_(total|info)$/, "");
  const unit = UNITS.find((each) => short.endsWith(`_${each}`));
  // The type is a string, whatever prom-client's types say.
  const kind = name.endsWith("_info") ? "info" : (TYPES[String(type)] ?? "unknown");
  return { name: short, type: kind, help, ...(unit !== undefined && { unit }) };
}

/** Buckets come first, each with its bound among its labels, then the sum, then the count, which is the last bucket's too. */
function writeHistogram(values: readonly Value[], labels: LabelSets, writer: SampleWriter, start: Hrtime): void {
  let buckets: { bound: number; count: number }[] = [];
  let sum = 0;
  for (const { metricName = "", labels: all, value } of values) {
    const { le, ...rest } = all;
    if (typeof le === "number") buckets.push({ bound: le, count: value });
    else if (metricName.endsWith("_sum")) sum = value;
    else if (metricName.endsWith("_count")) {
      writer.histogram(NO_LABELS, labels.of(rest), { buckets, count: value, sum }, start);
      buckets = [];
    }
  }
}
