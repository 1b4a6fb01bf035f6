/** The rules as promtool sees them, each alert shown firing and not firing, with a page that says what to do. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { root } from "../support/root.ts";
import { type Rule, rules, rulesPath } from "./shipped.ts";
import { lacks } from "./tool.ts";

interface UnitTests {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
    readonly promql_expr_test?: readonly { readonly expr: string }[];
  }[];
}

const testsFolder = root("dashboards", "rules", "tests");
const testFiles = readdirSync(testsFolder).map((file) => `${testsFolder}/${file}`);
const unitTests = testFiles.flatMap((file) => (parse(readFileSync(file, "utf8")) as UnitTests).tests); // promtool checks its form
const alerts = rules("alerts") as (Rule & { readonly alert: string })[]; // alerts.yml records nothing

describe("promtool", { skip: lacks("promtool", "prometheus") }, () => {
  test("finds the rules correct", () => {
    execFileSync("promtool", [
      "check",
      "rules",
      "--lint=all",
      "--lint-fatal",
      rulesPath("alerts"),
      rulesPath("recording"),
    ]);
  });

  for (const file of testFiles) {
    test(`runs ${basename(file)}`, () => {
      execFileSync("promtool", ["test", "rules", file], { encoding: "utf8", stdio: "pipe" });
    });
  }
});

describe("alerts", () => {
  for (const { alert, annotations = {}, labels = {} } of alerts) {
    const asserted = unitTests
      .flatMap((one) => one.alert_rule_test ?? [])
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts: expected = [] }) => expected.length > 0);

    test(`${alert} is shown firing and not firing`, () => {
      assert.ok(asserted.includes(true), "no test in which it fires");
      assert.ok(asserted.includes(false), "no test in which it does not");
    });

    test(`${alert} says how bad it is, what it is and what to do`, () => {
      assert.match(labels["severity"] ?? "", /^(critical|warning|info)$/);
      // Static, so that notifications of several groups are one: the particulars are in the description.
      assert.match(annotations["summary"] ?? "", /^[A-Z][^{}]*\.$/);
      assert.match(annotations["description"] ?? "", /\{\{ \$labels\.instance \}\}/);
      // The exporter serves its runbooks; the one about an exporter that does not answer, it cannot.
      const there = `http://{{ $labels.instance }}/runbooks/${alert}`;
      assert.equal(annotations["runbook_url"], alert === "IPMPExporterDown" ? `docs/runbooks/${alert}.md` : there);
    });

    test(`${alert} has a runbook with its meaning, impact, diagnosis and mitigation`, () => {
      const page = readFileSync(root("docs", "runbooks", `${alert}.md`), "utf8");
      assert.match(page, new RegExp(`^# ${alert}\n`));
      assert.deepEqual(
        [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading),
        ["Meaning", "Impact", "Diagnosis", "Mitigation"],
      );
      assert.match(page.split("## Diagnosis")[1]?.split("## Mitigation")[0] ?? "", /^```/m, "no command to run");
    });
  }

  test("have no runbook without an alert", () => {
    const pages = readdirSync(root("docs", "runbooks")).filter((file) => file !== "README.md");
    assert.deepEqual(pages.sort(), alerts.map(({ alert }) => `${alert}.md`).sort());
    assert.ok(existsSync(root("docs", "runbooks", "README.md")));
  });
});

describe("inhibition.yml", () => {
  test("names alerts that exist", () => {
    const text = readFileSync(root("dashboards", "inhibition.yml"), "utf8");
    const { inhibit_rules: inhibitions } = parse(text) as {
      readonly inhibit_rules: readonly Readonly<Record<"source_matchers" | "target_matchers", readonly string[]>>[];
    }; // the form of alertmanager.yml
    const names = alerts.map(({ alert }) => alert);
    for (const { source_matchers: source, target_matchers: target } of inhibitions) {
      for (const matcher of [...source, ...target]) {
        const [, pattern = ""] = /^alertname =~? "?([^"]+)"?$/.exec(matcher) ?? [];
        // Each alternative by itself: one that names nothing would go unnoticed in the whole.
        for (const [, prefix = "", endings = "", whole = ""] of pattern.matchAll(/(\w+)\(([^)]*)\)|(\w+)/g)) {
          const wanted = whole === "" ? endings.split("|").map((ending) => prefix + ending) : [whole];
          for (const name of wanted) assert.ok(names.includes(name), `there is no alert ${name}`);
        }
      }
    }
  });
});
