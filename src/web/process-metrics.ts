/** What the process says about itself: `process_*`, `nodejs_*` and the build. The only file that knows prom-client. */

import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

export interface Build {
  readonly version: string;
  readonly revision: string;
}

export interface ProcessMetrics {
  /** In text format 0.0.4. */
  render(): Promise<string>;
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

export function createProcessMetrics(build: Build): ProcessMetrics {
  const registry = new Registry();
  const info = new Gauge({
    name: "ipmp_exporter_build_info",
    help: "What was built: version, source revision and the Node it runs on.",
    labelNames: ["version", "revision", "nodeversion"],
    registers: [registry],
  });
  info.set({ ...build, nodeversion: process.version }, 1);
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
  return { render: () => registry.metrics() };
}
