import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FAMILIES } from "#src/exposition/prometheus/metrics.js";
import { negotiate } from "#src/web/exposition-format.js";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const TEXT_1 = "text/plain; version=1.0.0; charset=utf-8";
const OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

const CASES: readonly (readonly [what: string, accept: string | undefined, contentType: string])[] = [
  ["nobody who says", undefined, TEXT],
  ["an empty Accept", "", TEXT],
  ["curl", "*/*", TEXT],
  ["a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", TEXT],
  [
    "Prometheus 2.42",
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    OPENMETRICS,
  ],
  [
    "Prometheus 2.42 with native histograms",
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    PROTOBUF,
  ],
  [
    "Prometheus 3",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    `${OPENMETRICS}; escaping=allow-utf-8`,
  ],
  [
    "Prometheus 3 with protobuf",
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=values;q=0.5",
    PROTOBUF,
  ],
  ["vmagent", "text/plain;version=0.0.4;q=1", TEXT],
  ["who wants text 1.0.0", "text/plain;version=1.0.0", `${TEXT_1}; escaping=underscores`],
  ["who wants dots", "text/plain;version=1.0.0;escaping=dots", `${TEXT_1}; escaping=dots`],
  ["who wants values in 0.0.4", "text/plain;version=0.0.4;escaping=values", `${TEXT}; escaping=values`],
  ["an escaping that nobody knows", "text/plain;version=1.0.0;escaping=runes", `${TEXT_1}; escaping=underscores`],
  ["text without a version", "text/plain", TEXT],
  ["OpenMetrics without a version", "application/openmetrics-text", OPENMETRICS.replace("1.0.0", "0.0.1")],
  ["OpenMetrics 0.0.1 alone", "application/openmetrics-text; version=0.0.1", OPENMETRICS.replace("1.0.0", "0.0.1")],
  ["a version to come", "application/openmetrics-text;version=2.0.0,text/plain;version=9", TEXT],
  ["the better of two", "text/plain;version=0.0.4;q=0.2,application/openmetrics-text;version=1.0.0;q=0.9", OPENMETRICS],
  ["the first of equals", "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0", TEXT],
  ["what is refused", "application/openmetrics-text;version=1.0.0;q=0", TEXT],
  ["a quality that is none", "application/openmetrics-text;version=1.0.0;q=high", OPENMETRICS],
  ["quoted parameters", 'application/openmetrics-text; version="1.0.0"; x="a,b;c\\"d", text/plain', OPENMETRICS],
  ["capitals and spaces", "Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1", OPENMETRICS],
  ["protobuf of another kind", "application/vnd.google.protobuf;proto=x.Y;encoding=delimited", TEXT],
  ["protobuf as text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", TEXT],
  ["more than any scraper says", `application/openmetrics-text;version=1.0.0;x=${'"\\'.repeat(4000)}`, TEXT],
  ["noise", ',;=",,;;q=,"', TEXT],
];

describe("the format of a scrape for", () => {
  for (const [what, accept, contentType] of CASES) {
    test(what, () => assert.equal(negotiate(accept).contentType, contentType));
  }
});

test("no name needs escaping, so that every scheme writes the same", () => {
  for (const { name } of FAMILIES) assert.match(name, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
});
