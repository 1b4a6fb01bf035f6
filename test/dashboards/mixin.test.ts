/** mixin.libsonnet as Debian's jsonnet evaluates it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { DASHBOARDS, dashboard, type Rule, rules } from "./shipped.ts";
import { lacks } from "./tool.ts";

interface Mixin {
  readonly grafanaDashboards: Readonly<Record<string, unknown>>;
  readonly prometheusAlerts: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  readonly prometheusRules: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
}

function evaluate(configuration: string): Mixin {
  const program = `(import 'dashboards/mixin.libsonnet') + { _config+:: ${configuration} } + {
    grafanaDashboards+: {}, prometheusAlerts+: {}, prometheusRules+: {} }`;
  const visible = `local m = ${program};
    { grafanaDashboards: m.grafanaDashboards, prometheusAlerts: m.prometheusAlerts, prometheusRules: m.prometheusRules }`;
  return JSON.parse(
    execFileSync("jsonnet", ["-e", visible], { cwd: root(), encoding: "utf8", maxBuffer: 64 << 20 }),
  ) as Mixin; // what the mixin is
}

const all = (part: Mixin["prometheusAlerts"]) => part.groups.flatMap((group) => group.rules);

describe("mixin.libsonnet", { skip: lacks("jsonnet", "jsonnet") }, () => {
  test("holds the dashboards and the rules as they are", () => {
    const mixin = evaluate("{}");
    assert.deepEqual(
      mixin.grafanaDashboards,
      Object.fromEntries(DASHBOARDS.map((name) => [`ipmp-${name}.json`, dashboard(name)])),
    );
    assert.deepEqual(all(mixin.prometheusAlerts), rules("alerts"));
    assert.deepEqual(all(mixin.prometheusRules), rules("recording"));
  });

  test("takes another base for the runbooks, more labels, and leaves out what is not wanted", () => {
    const mixin = evaluate(`{
      runbookBase: 'https://wiki.example.net/ipmp',
      alertLabels: { team: 'network' },
      withoutAlerts: ['IPMPGroupImbalanced'],
    }`);
    const alerts = all(mixin.prometheusAlerts);
    assert.equal(alerts.length, rules("alerts").length - 1);
    for (const { alert, annotations, labels } of alerts) {
      assert.equal(annotations?.["runbook_url"], `https://wiki.example.net/ipmp/${alert}.md`);
      assert.equal(labels?.["team"], "network");
      assert.ok(labels?.["severity"]);
    }
  });
});
