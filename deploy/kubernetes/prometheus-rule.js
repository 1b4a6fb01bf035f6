#!/usr/bin/env node
// Writes prometheusrule.yaml and the Helm chart's copy of the rules from dashboards/rules/. Run it after a change of the
// rules; --check writes nothing and fails when a file is not up to date.
//
//   node deploy/kubernetes/prometheus-rule.js [--check]

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const rules = join(root, "dashboards", "rules");

const groups = readdirSync(rules)
  .filter((name) => /\.ya?ml$/.test(name))
  .sort()
  .flatMap((name) => parse(readFileSync(join(rules, name), "utf8")).groups ?? []);
const labels = { "app.kubernetes.io/name": "ipmp-exporter", "app.kubernetes.io/instance": "ipmp-exporter" };
const outputs = {
  "deploy/kubernetes/prometheusrule.yaml": {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "ipmp-exporter", namespace: "monitoring", labels },
    spec: { groups },
  },
  "deploy/helm/ipmp-exporter/files/rules.yaml": { groups },
};

const head = "# Written by deploy/kubernetes/prometheus-rule.js from dashboards/rules/: change the rules there.\n";
for (const [path, content] of Object.entries(outputs)) {
  const text = head + stringify(content, { lineWidth: 0 });
  const file = join(root, path);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${path} is not up to date: run node deploy/kubernetes/prometheus-rule.js`);
    process.exitCode = 1;
  }
}
