/** How long collections of garbage took, by kind: prom-client's histogram of what Node tells of each one. */

import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
// The package's own door leads to its cluster, its push gateway and OpenTelemetry too: 40 ms of a start.
import PromHistogram from "prom-client/lib/histogram.js";
import { LabelSets, NO_LABELS } from "../exposition/prometheus/label-set.ts";
import type { FamilyHead, SampleWriter } from "../exposition/prometheus/sample-writer.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { HistogramSnapshot } from "../snapshot/histogram.ts";

const FAMILY: FamilyHead = {
  name: "nodejs_gc_duration_seconds",
  type: "histogram",
  unit: "seconds",
  help: "Garbage collection duration by kind, one of major, minor, incremental or weakcb.",
};

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: "major",
  [constants.NODE_PERFORMANCE_GC_MINOR]: "minor",
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: "incremental",
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: "weakcb",
};

/** Upper bounds in seconds, as prom-client's default metrics have them. */
const BOUNDS = [0.001, 0.01, 0.1, 1, 2, 5];

/** Of type "gc"; Node's types say nothing of `detail`. */
type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } };

type Values = Awaited<ReturnType<PromHistogram["get"]>>["values"];
type Series = readonly [labels: Values[number]["labels"], histogram: HistogramSnapshot];

export class GarbageCollections {
  readonly #durations = new PromHistogram({
    name: FAMILY.name,
    help: FAMILY.help,
    labelNames: ["kind"],
    buckets: BOUNDS,
    registers: [],
  });
  readonly #labels = new LabelSets(Object.keys(KINDS).length);
  /** As of the last collection of garbage; undefined when there has been another since. */
  #series: readonly Series[] | undefined = [];

  /** From now on. */
  constructor() {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { detail, duration } = entry as GcEntry;
        this.#durations.observe({ kind: KINDS[detail.kind] ?? "unknown" }, duration / 1000);
        this.#series = undefined;
      }
    });
    observer.observe({ entryTypes: ["gc"] });
  }

  async write(writer: SampleWriter, start: Hrtime): Promise<void> {
    this.#series ??= seriesIn((await this.#durations.get()).values);
    writer.family(FAMILY);
    for (const [labels, histogram] of this.#series) {
      writer.histogram(NO_LABELS, this.#labels.of(labels), histogram, start);
    }
  }
}

/** Buckets come first, each with its bound among its labels, then the sum, then the count, which is the last bucket's too. */
function seriesIn(values: Values): Series[] {
  const series: Series[] = [];
  let buckets: { bound: number; count: number }[] = [];
  let sum = 0;
  for (const { metricName = "", labels: all, value } of values) {
    const { le, ...labels } = all;
    if (typeof le === "number") buckets.push({ bound: le, count: value });
    else if (metricName.endsWith("_sum")) sum = value;
    else if (metricName.endsWith("_count")) {
      series.push([labels, { buckets, count: value, sum }]);
      buckets = [];
    }
  }
  return series;
}
