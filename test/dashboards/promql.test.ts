/** Every metric, label and label value that a dashboard or a rule names is one that the program serves. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { createProcessMetrics } from "#src/web/process-metrics.js";
import { WEB_METRICS } from "#src/web/web-metrics.js";
import { root } from "../support/root.ts";
import { fillIn, parse } from "./promql.ts";
import { DASHBOARDS, dashboard, panels, rules } from "./shipped.ts";

/** What Prometheus adds to each scrape, by itself. */
const PROMETHEUS = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];
/** What Prometheus adds to each series, and what rules add to theirs. */
const ADDED_LABELS = new Set(["job", "instance"]);
/** Labels whose values are few and ours: a matcher must name one of them. */
const CLOSED_LABELS = new Set(["state", "flag", "module"]);

/** Labels of each metric, with the values seen in the text format. */
function metricsIn(text: string): Map<string, Map<string, Set<string>>> {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    metrics.set(name, known);
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return metrics;
}

const golden = ["metrics", "bond"]
  .map((name) => readFileSync(root("test", "golden", `${name}.prom`), "utf8"))
  .join("\n");
const own = new TextWriter();
await createProcessMetrics({ version: "0.0.0", revision: "none" }).write(own, hrtime(0n));
const served = metricsIn(`${golden}\n${Buffer.from(own.finish()).toString("utf8")}`);
// The lag is known when the event loop has gone round; a histogram's series appear with the first collection of garbage.
served.set("nodejs_eventloop_lag_seconds", new Map());
served.set("nodejs_gc_duration_seconds_sum", new Map([["kind", new Set()]]));
for (const { name, label } of WEB_METRICS) served.set(name, new Map(label === undefined ? [] : [[label, new Set()]]));
for (const name of PROMETHEUS) served.set(name, new Map());
const recorded = new Set(rules("recording").map(({ record }) => record));

const expressions = [
  ...DASHBOARDS.flatMap((name) => {
    const { templating, annotations } = dashboard(name);
    const all = panels(dashboard(name)).flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, refId }) => ({ where: `${name}, "${title}", ${refId}`, expr })),
    );
    const variables = templating.list
      .filter(({ type }) => type === "query")
      .map((variable) => ({
        where: `${name}, variable ${variable.name}`,
        expr: /^label_values\((.+), \w+\)$/.exec(variable.query ?? "")?.[1] ?? "",
      }));
    const marks = (annotations.list ?? []).map((mark) => ({ where: `${name}, ${mark.name}`, expr: mark.expr ?? "" }));
    return [...all, ...variables, ...marks];
  }),
  ...[...rules("recording"), ...rules("alerts")].map(({ alert, record, expr }) => ({
    where: alert ?? record ?? "",
    expr,
  })),
].map(({ where, expr }) => ({ where, expr: fillIn(expr) }));

describe("queries", () => {
  test("are PromQL without a doubt", () => {
    for (const { where, expr } of expressions) {
      const { errors, selectors } = parse(expr);
      assert.deepEqual(errors, [], where);
      assert.notEqual(selectors.length, 0, `${where} selects nothing`);
    }
  });

  test("name metrics that the program serves, or that a rule records", () => {
    for (const { where, expr } of expressions) {
      for (const { metric } of parse(expr).selectors) {
        assert.ok(served.has(metric) || recorded.has(metric), `${where}: nothing serves ${metric}`);
      }
    }
  });

  test("select by labels that those metrics have, and by values that exist", () => {
    for (const { where, expr } of expressions) {
      for (const { metric, matchers } of parse(expr).selectors) {
        const labels = served.get(metric);
        for (const { label, operator, value } of matchers) {
          if (labels === undefined || ADDED_LABELS.has(label)) continue;
          assert.ok(labels.has(label), `${where}: ${metric} has no label ${label}`);
          if (!CLOSED_LABELS.has(label)) continue;
          for (const one of operator.endsWith("~") ? value.split("|") : [value]) {
            assert.ok(labels.get(label)?.has(one), `${where}: ${metric} has no ${label}="${one}"`);
          }
        }
      }
    }
  });

  test("of recording rules select what the program serves or an earlier rule records", () => {
    const before = new Set<string>();
    for (const { record = "", expr } of rules("recording")) {
      for (const { metric } of parse(expr).selectors) {
        assert.ok(served.has(metric) || before.has(metric), `${record} uses ${metric} before it is recorded`);
      }
      before.add(record);
    }
  });
});
