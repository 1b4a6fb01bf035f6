/** The dashboards keep dashboard-linter's rules, and the rules object to what breaks them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RULES, type RuleName } from "./linter.ts";
import { DASHBOARDS, type Dashboard, dashboard, type Panel, type Target, type Variable } from "./shipped.ts";

const good = dashboard("groups");

const withPanels = (change: (panel: Panel) => Panel): Dashboard => ({ ...good, panels: good.panels.map(change) });
const withQuery = (expr: string): Dashboard =>
  withPanels((panel) => ({ ...panel, targets: (panel.targets ?? []).map((target): Target => ({ ...target, expr })) }));
const withVariable = (name: string, change: Partial<Variable>): Dashboard => ({
  ...good,
  templating: { list: good.templating.list.map((v) => (v.name === name ? { ...v, ...change } : v)) },
});

/** For each rule a dashboard that breaks it. */
const BROKEN: Readonly<Record<RuleName, Dashboard>> = {
  "template-datasource-rule": withVariable("datasource", { type: "custom" }),
  "template-job-rule": withVariable("job", { allValue: ".*" }),
  "template-instance-rule": withVariable("instance", { multi: false }),
  "template-label-promql-rule": withVariable("group", { query: 'label_values(ipmp_group_info{job=~"$job", group)' }),
  "template-on-time-change-reload-rule": withVariable("group", { refresh: 1 }),
  "panel-datasource-rule": withPanels((panel) => ({ ...panel, datasource: { uid: "P1809F7CD0C75ACF3" } })),
  "panel-title-description-rule": withPanels(({ description: _, ...panel }) => panel),
  "panel-units-rule": withPanels((panel) => ({ ...panel, fieldConfig: { defaults: { unit: "kbps" }, overrides: [] } })),
  "panel-no-targets-rule": withPanels(({ targets: _, ...panel }) => panel),
  "target-promql-rule": withQuery("sum(rate(ipmp_group_failovers_total[$__rate_interval])"),
  "target-rate-interval-rule": withQuery('rate(ipmp_group_failovers_total{job=~"$job", instance=~"$instance"}[5m])'),
  "target-job-rule": withQuery('ipmp_group_info{instance=~"$instance"}'),
  "target-instance-rule": withQuery('ipmp_group_info{job=~"$job", instance="$instance"}'),
  "target-counter-agg-rule": withQuery('ipmp_group_failovers_total{job=~"$job", instance=~"$instance"}'),
  "uneditable-dashboard": { ...good, editable: true },
};

for (const [rule, check] of Object.entries(RULES)) {
  describe(rule, () => {
    for (const name of DASHBOARDS) {
      test(`is kept by ${name}`, () => assert.deepEqual(check(dashboard(name)), []));
    }
    test("objects to a dashboard that breaks it", () => {
      assert.notDeepEqual(check(BROKEN[rule as RuleName]), []); // a key of RULES
    });
  });
}
