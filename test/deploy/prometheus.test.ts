/** The files for Prometheus, its agent and VictoriaMetrics are accepted by those programs themselves. */

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { at, DEFAULTS, document, fields, list, run, succeed, text, without, word } from "./support.ts";

describe("deploy/prometheus", () => {
  test("is a configuration that promtool accepts, with the rules and secrets in place", {
    skip: without("promtool"),
  }, (context) => {
    const folder = scratch(context);
    cpSync(root("deploy", "prometheus"), folder, { recursive: true });
    cpSync(root("dashboards", "rules"), join(folder, "rules"), { recursive: true });
    mkdirSync(join(folder, "secrets"));
    for (const secret of ["ipmp-exporter.password", "ca.pem"]) writeFileSync(join(folder, "secrets", secret), "");
    const output = succeed("promtool", ["check", "config", join(folder, "prometheus.yml")]);
    assert.match(output, /2 rule files found/);
    // What is for those who move from other exporters is tried by a test of its own.
    cpSync(root("dashboards", "migration"), join(folder, "migration"), { recursive: true });
    assert.match(succeed("promtool", ["check", "config", join(folder, "migration.yml")]), /4 rule files found/);
  });

  test("scrapes the program's port", () => {
    const targets = [...text("deploy", "prometheus", "prometheus.yml").matchAll(/host[12]\.example\.net:(\d+)/g)];
    assert.ok(targets.some(([, port]) => port === DEFAULTS.webListenAddress.slice(1)));
  });
});

describe("the demonstration's Prometheus", () => {
  test("has a configuration that promtool accepts", { skip: without("promtool") }, (context) => {
    const folder = scratch(context);
    copyFileSync(root("deploy", "compose", "prometheus.yml"), join(folder, "prometheus.yml"));
    cpSync(root("dashboards", "rules"), join(folder, "rules"), { recursive: true });
    succeed("promtool", ["check", "config", join(folder, "prometheus.yml")]);
  });
});

const AGENT = root("deploy", "fleet", "agent", "prometheus-agent.yml");
const VMAGENT = root("deploy", "fleet", "agent", "vmagent.yml");
const RULES = root("deploy", "fleet", "rules.yml");

describe("deploy/fleet", () => {
  test("has an agent's configuration that promtool accepts", { skip: without("promtool") }, () => {
    succeed("promtool", ["check", "config", "--agent", AGENT]);
  });

  test("has the same for vmagent, which drops the same series", { skip: without("vmagent") }, () => {
    const { status, output } = run("vmagent", ["-dryRun", `-promscrape.config=${VMAGENT}`]);
    assert.equal(status, 0, output);
    const dropped = (file: string): unknown =>
      at(document(text(...file.slice(root().length + 1).split("/"))), "scrape_configs", 0, "metric_relabel_configs");
    assert.deepEqual(dropped(VMAGENT), dropped(AGENT));
  });

  test("has rules that promtool and vmalert accept", { skip: without("promtool", "vmalert") }, () => {
    succeed("promtool", ["check", "rules", RULES]);
    const { status, output } = run("vmalert", ["-dryRun", `-rule=${RULES}`]);
    assert.equal(status, 0, output);
  });

  test("counts groups without redundancy, absent members and silent exporters", {
    skip: without("promtool"),
  }, (context) => {
    // Three hosts: a has both members, b lost one (degraded), c lost one altogether and its exporter is silent at the end.
    const series = (name: string, labels: string, values: string) => ({
      series: `${name}{job="ipmp-exporter",${labels}}`,
      values,
    });
    const host = (instance: string, active: number, failed: number, state: string) => [
      ...["active", "inactive", "failed", "offline"].map((kind) =>
        series(
          "ipmp_group_members",
          `instance="${instance}",group="g",state="${kind}"`,
          `${kind === "active" ? active : kind === "failed" ? failed : 0}x8`,
        ),
      ),
      ...["ok", "degraded", "failed"].map((one) =>
        series("ipmp_group_state", `instance="${instance}",group="g",state="${one}"`, `${one === state ? 1 : 0}x8`),
      ),
      series("ipmp_group_members_expected", `instance="${instance}",group="g"`, "2x8"),
      series("ipmp_group_link_up", `instance="${instance}",group="g"`, "1x8"),
      series("ipmp_group_receive_bytes_total", `instance="${instance}",group="g"`, "0+1500x8"),
    ];
    const up = (instance: string, values: string) => series("up", `instance="${instance}"`, values);
    const expectations: readonly (readonly [string, readonly (readonly [string, number])[]])[] = [
      ["fleet:ipmp_groups:count", [["fleet:ipmp_groups:count", 3]]],
      [
        "fleet:ipmp_groups_by_state:count",
        [
          ['fleet:ipmp_groups_by_state:count{state="ok"}', 1],
          ['fleet:ipmp_groups_by_state:count{state="degraded"}', 2],
          ['fleet:ipmp_groups_by_state:count{state="failed"}', 0],
        ],
      ],
      ["fleet:ipmp_groups_without_redundancy:count", [["fleet:ipmp_groups_without_redundancy:count", 2]]],
      ["fleet:ipmp_members_failed:count", [["fleet:ipmp_members_failed:count", 1]]],
      ["fleet:ipmp_members_missing:count", [["fleet:ipmp_members_missing:count", 1]]],
      ["fleet:ipmp_exporters_down:count", [["fleet:ipmp_exporters_down:count", 1]]],
      ["fleet:ipmp_receive_bytes:rate1m", [["fleet:ipmp_receive_bytes:rate1m", 300]]],
    ];
    const file = join(scratch(context), "test.yml");
    writeFileSync(
      file,
      JSON.stringify({
        rule_files: [RULES],
        evaluation_interval: "15s",
        tests: [
          {
            interval: "15s",
            input_series: [
              ...host("a", 2, 0, "ok"),
              ...host("b", 1, 1, "degraded"),
              ...host("c", 1, 0, "degraded"),
              up("a", "1x8"),
              up("b", "1x8"),
              up("c", "1x6 0 0"),
            ],
            promql_expr_test: expectations.map(([expr, samples]) => ({
              expr,
              eval_time: "2m",
              exp_samples: samples.map(([labels, value]) => ({ labels, value })),
            })),
          },
        ],
      }),
    );
    succeed("promtool", ["test", "rules", file]);
  });

  test("writes to the port on which the single VictoriaMetrics listens", () => {
    const command = list(
      at(document(text("deploy", "fleet", "single", "compose.yml")), "services", "victoria-metrics", "command"),
    );
    const [, port] = /-httpListenAddr=:(\d+)/.exec(command.map(word).join(" ")) ?? [];
    const url = at(document(text("deploy", "fleet", "agent", "prometheus-agent.yml")), "remote_write", 0, "url");
    assert.match(word(url), new RegExp(`:${port}/api/v1/write$`));
  });

  test("shows a cluster whose parts reach each other", () => {
    const services = at(document(text("deploy", "fleet", "cluster", "compose.yml")), "services");
    const names = fields(services).map(([name]) => name);
    for (const part of ["vminsert", "vmselect"]) {
      const [, nodes = ""] = /-storageNode=([^"]+?)"/.exec(JSON.stringify(at(services, part, "command"))) ?? [];
      assert.deepEqual(
        nodes.split(",").map((node) => node.split(":")[0]),
        names.filter((name) => name.startsWith("vmstorage")),
      );
    }
  });
});
