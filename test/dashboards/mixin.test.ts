/** mixin.libsonnet as Debian's jsonnet evaluates it: as it comes, and with each of its options changed. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { fillIn, parse } from "./promql.ts";
import { type Dashboard, DASHBOARDS, dashboard, panels, type Rule, rules } from "./shipped.ts";
import { lacks } from "./tool.ts";

interface Mixin {
  readonly grafanaDashboards: Readonly<Record<string, Generated>>;
  readonly prometheusAlerts: RuleGroups;
  readonly prometheusRules: RuleGroups;
}

interface RuleGroups {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Generated extends Dashboard {
  readonly tags: readonly string[];
  readonly links: readonly { readonly tags: readonly string[] }[];
}

const jsonnet = (program: string): unknown =>
  JSON.parse(execFileSync("jsonnet", ["-e", program], { cwd: root(), encoding: "utf8", maxBuffer: 64 << 20 }));

function evaluate(configuration: string): Mixin {
  return jsonnet(`local m = (import 'dashboards/mixin.libsonnet') + { _config+:: { ipmpExporter+: ${configuration} } };
    { grafanaDashboards: m.grafanaDashboards, prometheusAlerts: m.prometheusAlerts, prometheusRules: m.prometheusRules }`) as Mixin; // what the mixin is
}

const all = (part: RuleGroups) => part.groups.flatMap((group) => group.rules);
const everyRule = ({ prometheusAlerts, prometheusRules }: Mixin) => [...all(prometheusAlerts), ...all(prometheusRules)];

/** Options that a test below changes. */
const tried = new Set<string>();

describe("mixin.libsonnet", { skip: lacks("jsonnet", "jsonnet") }, () => {
  /** A test of options, and the note that they have one. */
  const option = (names: readonly string[], title: string, run: Parameters<typeof test>[0] & object): void => {
    for (const name of names) tried.add(name);
    void test(`${names.join(", ")}: ${title}`, run);
  };

  test("holds the dashboards and the rules as they are", () => {
    const mixin = evaluate("{}");
    assert.deepEqual(
      mixin.grafanaDashboards,
      Object.fromEntries(DASHBOARDS.map((name) => [`ipmp-${name}.json`, dashboard(name)])),
    );
    assert.deepEqual(all(mixin.prometheusAlerts), rules("alerts"));
    assert.deepEqual(all(mixin.prometheusRules), rules("recording"));
  });

  option(
    ["runbookURLPattern", "alertLabels", "withoutAlerts"],
    "what an alert says besides, and which there are",
    () => {
      const mixin = evaluate(`{
      runbookURLPattern: 'https://wiki.example.net/ipmp/%s',
      alertLabels: { team: 'network' },
      withoutAlerts: ['IPMPGroupImbalanced'],
    }`);
      const alerts = all(mixin.prometheusAlerts);
      assert.equal(alerts.length, rules("alerts").length - 1);
      for (const { alert, annotations, labels } of alerts) {
        assert.equal(annotations?.["runbook_url"], `https://wiki.example.net/ipmp/${alert}`);
        assert.equal(labels?.["team"], "network");
        assert.ok(labels?.["severity"]);
      }
    },
  );

  option(["selector"], "is in every selector of every rule, panel and variable", (context) => {
    const mixin = evaluate(`{ selector: 'job="ipmp", cluster=~"a|b"' }`);
    const of = (expression: string) => parse(fillIn(expression)).selectors;
    const expressions = [
      ...everyRule(mixin).map(({ expr }) => expr),
      ...Object.values(mixin.grafanaDashboards).flatMap((shown) => [
        ...panels(shown).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
        ...(shown.annotations.list ?? []).flatMap(({ expr }) => expr ?? []),
        ...shown.templating.list
          .filter(({ type }) => type === "query")
          .map(({ query = "" }) => query.replace(/^label_values\((.*), \w+\)$/, "$1")),
      ]),
    ];
    assert.ok(expressions.length > 100);
    for (const expression of expressions) {
      assert.deepEqual(parse(fillIn(expression)).errors, [], expression);
      for (const { matchers } of of(expression)) {
        const said = matchers.map(({ label, operator, value }) => `${label}${operator}${value}`);
        assert.deepEqual(said.slice(0, 2), ["job=ipmp", "cluster=~a|b"], expression);
      }
    }
    checkedByPromtool(mixin, scratch(context));
  });

  option(["severities"], "are what the Alertmanager calls them", () => {
    const mixin = evaluate(`{ severities: { critical: 'page', warning: 'ticket', info: 'none' } }`);
    const names: Readonly<Record<string, string>> = { critical: "page", warning: "ticket", info: "none" };
    assert.deepEqual(
      all(mixin.prometheusAlerts).map(({ labels }) => labels?.["severity"]),
      rules("alerts").map(({ labels }) => names[labels?.["severity"] ?? ""]),
    );
  });

  const THRESHOLDS: Readonly<Record<string, string>> = {
    usableMembers: "IPMPGroupNoRedundancy",
    failovers: "IPMPGroupFlapping",
    probeLoss: "IPMPProbeLoss",
    roundTripGrowth: "IPMPProbeRoundTripHigh",
    loadWithoutLargest: "IPMPGroupInsufficientHeadroom",
    imbalance: "IPMPGroupImbalanced",
    imbalanceBytes: "IPMPGroupImbalanced",
    certificateDays: "IPMPCertificateEnds",
  };
  option(["thresholds"], "each moves the limit of its alert and nothing else", () => {
    const names = Object.keys(THRESHOLDS);
    const { prometheusAlerts } = evaluate(
      `{ thresholds+: { ${names.map((name, index) => `${name}: ${4000 + index}`).join(", ")} } }`,
    );
    const shipped = rules("alerts");
    for (const [index, { alert = "", expr }] of all(prometheusAlerts).entries()) {
      const moved = names.flatMap((name, at) => (THRESHOLDS[name] === alert ? [4000 + at] : []));
      for (const value of moved) assert.equal(expr.split(String(value)).length, 2, `${alert}: ${expr}`);
      if (moved.length === 0) assert.equal(expr, shipped[index]?.expr, alert);
      else assert.notEqual(expr, shipped[index]?.expr, alert);
    }
    assert.deepEqual(
      jsonnet("std.objectFieldsAll((import 'dashboards/mixin.libsonnet')._config.ipmpExporter.thresholds)"),
      names.toSorted(),
    );
  });

  option(["rateInterval"], "is in the rules and in their names, and the alerts find them", (context) => {
    const mixin = evaluate("{ rateInterval: '20m' }");
    const recorded = all(mixin.prometheusRules).map(({ record }) => record);
    assert.ok(recorded.includes("instance_group:ipmp_group_receive_bytes:rate20m"));
    for (const { expr, annotations } of everyRule(mixin)) {
      assert.doesNotMatch(`${expr} ${annotations?.["description"] ?? ""}`, /\[5m\]|rate5m/);
      for (const { metric } of parse(expr).selectors)
        if (metric.includes(":")) assert.ok(recorded.includes(metric), metric);
    }
    checkedByPromtool(mixin, scratch(context));
  });

  option(["dashboardNamePrefix", "dashboardTags"], "name the dashboards, and their links follow", () => {
    const mixin = evaluate("{ dashboardNamePrefix: 'Uplinks: ', dashboardTags: ['uplinks', 'team-net'] }");
    for (const [file, shown] of Object.entries(mixin.grafanaDashboards)) {
      assert.match(shown.title, /^Uplinks: (?!IPMP)/, file);
      assert.deepEqual(shown.tags, ["uplinks", "team-net"]);
      assert.deepEqual(
        shown.links.map(({ tags }) => tags),
        [["uplinks"]],
      );
    }
  });

  test("leaves another mixin alone that it is added to, and is left alone by it", () => {
    const other = `{
      _config+:: { selector: 'job="node"', dashboardNamePrefix: 'Node / ', dashboardTags: ['node'], rateInterval: '1m', runbookURLPattern: 'https://node/%s' },
      local config = $._config,
      grafanaDashboards+:: { 'node.json': { title: config.dashboardNamePrefix + 'Nodes', tags: config.dashboardTags } },
      prometheusAlerts+:: { groups+: [{ rules: [{ alert: 'Node', expr: 'up{%s}' % config.selector, annotations: { runbook_url: config.runbookURLPattern % 'Node' } }] }] },
    }`;
    const ours = "(import 'dashboards/mixin.libsonnet')";
    for (const sum of [`${ours} + ${other}`, `${other} + ${ours}`]) {
      const { dashboards, alerts } = jsonnet(
        `local m = ${sum}; { dashboards: m.grafanaDashboards, alerts: m.prometheusAlerts }`,
      ) as { readonly dashboards: Mixin["grafanaDashboards"]; readonly alerts: RuleGroups }; // what mixins are
      assert.equal(dashboards["node.json"]?.title, "Node / Nodes");
      assert.equal(dashboards["ipmp-groups.json"]?.title, dashboard("groups").title);
      const theirs = all(alerts).filter(({ alert }) => alert === "Node");
      assert.deepEqual(
        theirs.map(({ annotations }) => annotations?.["runbook_url"]),
        ["https://node/Node"],
      );
      assert.deepEqual(
        all(alerts).filter(({ alert }) => alert !== "Node"),
        rules("alerts"),
      );
    }
  });

  test("has no option that is not tried here", () =>
    assert.deepEqual(
      jsonnet("std.objectFieldsAll((import 'dashboards/mixin.libsonnet')._config.ipmpExporter)"),
      [...tried].sort(),
    ));
});

/** Rules as promtool reads them; where there is no promtool, the grammar has to do. */
function checkedByPromtool({ prometheusAlerts, prometheusRules }: Mixin, folder: string): void {
  if (lacks("promtool", "prometheus") !== false) return;
  for (const [name, part] of Object.entries({ prometheusAlerts, prometheusRules })) {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(part));
    execFileSync("promtool", ["check", "rules", file]);
  }
}
