import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { labelSet, NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { MetricsPage, renderText } from "#src/exposition/prometheus/metrics.js";
import { OpenMetricsWriter } from "#src/exposition/prometheus/openmetrics-writer.js";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { BOND, EXAMPLE } from "../../support/snapshot.ts";
import { parseScrape, seriesOf } from "./scrape.ts";

function written(write: (writer: OpenMetricsWriter) => void, boot?: bigint): string {
  const writer = new OpenMetricsWriter({ boot });
  write(writer);
  return Buffer.from(writer.finish()).toString("utf8");
}

function page(snapshot: Snapshot, boot?: bigint): string {
  return written((writer) => new MetricsPage().write(snapshot, writer), boot);
}

/** The parser of prometheus/client_python, which refuses what the specification forbids. */
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(json.dumps([{"name": f.name, "type": f.type, "unit": f.unit, "help": f.documentation,
    "samples": [[s.name, s.labels, s.value] for s in f.samples]}
    for f in text_string_to_metric_families(sys.stdin.read())]))
`;

interface Family {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly (readonly [name: string, labels: Record<string, string>, value: number])[];
}

function parse(input: string): Family[] {
  const { status, stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", PARSE], { input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Family[]; // what PARSE prints
}

const hasParser = spawnSync("/usr/bin/python3", ["-c", "import prometheus_client"]).status === 0;
const skip = hasParser ? false : "the Debian package python3-prometheus-client is not installed";

const start = hrtime(seconds(5) + 250_999_999n);
const histogram = { buckets: [{ bound: 1, count: 2 }], count: 3, sum: 2.5 };

function samples(writer: OpenMetricsWriter): void {
  writer.family({ name: "a_bytes", type: "counter", unit: "bytes", help: 'So "many"\n\\.' });
  writer.integer(labelSet({ a: "1" }), NO_LABELS, 2n ** 64n - 1n, start);
  writer.family({ name: "nothing", type: "gauge", help: "Left out." });
  writer.family({ name: "b", type: "info", help: "Info." });
  writer.integer(NO_LABELS, labelSet({ b: 'x"\n' }), 1);
  writer.family({ name: "c", type: "unknown", help: "Unknown." });
  writer.decimal(NO_LABELS, NO_LABELS, "Infinity");
  writer.family({ name: "h_seconds", type: "histogram", unit: "seconds", help: "How long." });
  writer.histogram(labelSet({ d: "1" }), NO_LABELS, histogram, start);
}

describe("OpenMetricsWriter", () => {
  test("writes families without the suffix of their type, units and an end", () => {
    assert.equal(
      written(samples),
      [
        "# TYPE a_bytes counter",
        "# UNIT a_bytes bytes",
        '# HELP a_bytes So \\"many\\"\\n\\\\.',
        'a_bytes_total{a="1"} 18446744073709551615',
        "# TYPE b info",
        "# HELP b Info.",
        'b_info{b="x\\"\\n"} 1',
        "# TYPE c unknown",
        "# HELP c Unknown.",
        "c +Inf",
        "# TYPE h_seconds histogram",
        "# UNIT h_seconds seconds",
        "# HELP h_seconds How long.",
        'h_seconds_bucket{d="1",le="1.0"} 2',
        'h_seconds_bucket{d="1",le="+Inf"} 3',
        'h_seconds_sum{d="1"} 2.5',
        'h_seconds_count{d="1"} 3',
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  test("says when counters and histograms began, where that is wanted", () => {
    const lines = written(samples, seconds(1_700_000_000)).split("\n");
    assert.equal(
      lines[lines.indexOf('a_bytes_total{a="1"} 18446744073709551615') + 1],
      'a_bytes_created{a="1"} 1700000005.25',
    );
    assert.equal(lines[lines.indexOf('h_seconds_count{d="1"} 3') + 1], 'h_seconds_created{d="1"} 1700000005.25');
    assert.equal(lines.filter((line) => line.includes("_created")).length, 2);
  });

  test("ends a page without a sample", () => {
    assert.equal(
      written(() => {}),
      "# EOF\n",
    );
  });
});

describe("a page in OpenMetrics", () => {
  for (const [what, snapshot] of Object.entries({ EXAMPLE, BOND })) {
    test(`is read by a parser of others, with the series and values of the text format: ${what}`, { skip }, () => {
      const { samples: text } = parseScrape(Buffer.from(renderText(snapshot)).toString("utf8"));
      const said = text.map(({ name, labels, value }) => [seriesOf(name, labels), Number(value)]);
      const of = (families: readonly Family[]) =>
        families.flatMap((family) => family.samples.map(([name, labels, value]) => [seriesOf(name, labels), value]));
      assert.deepEqual(of(parse(page(snapshot))), said);
      const withStarts = parse(page(snapshot, seconds(1_700_000_000)));
      const created = (series: unknown): boolean => /^\w+_created /.test(String(series));
      assert.deepEqual(
        of(withStarts).filter(([series]) => !created(series)),
        said,
      );
      for (const family of withStarts) {
        const starts = family.samples.filter(([name]) => created(`${name} `));
        const values = family.samples.filter(([name]) => /_(total|count)$/.test(name));
        const expected = family.type === "counter" || family.type === "histogram" ? values.length : 0;
        assert.equal(starts.length, expected, family.name);
      }
    });
  }

  test("has the units and help texts that the families have", { skip }, () => {
    const families = parse(page(EXAMPLE));
    const bytes = families.find(({ name }) => name === "ipmp_group_receive_bytes");
    assert.equal(bytes?.type, "counter");
    assert.equal(bytes?.unit, "bytes");
    assert.match(bytes?.help ?? "", /^Bytes received by the group/);
    assert.equal(families.find(({ name }) => name === "ipmp_group")?.type, "info");
  });
});
