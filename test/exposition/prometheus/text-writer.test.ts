import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { labelSet, NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { escapeLabelValue } from "#src/exposition/prometheus/line-writer.js";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { words } from "#src/exposition/prometheus/words.js";
import { STARTED } from "../../support/snapshot.ts";
import { parseScrape } from "./scrape.ts";

const FAMILY = { name: "x", type: "counter", help: "Help." } as const;

function written(write: (writer: TextWriter) => void, size = 16_384): string {
  const writer = new TextWriter({ buffer: new Uint8Array(size) });
  writer.family(FAMILY);
  write(writer);
  return Buffer.from(writer.finish()).toString("utf8");
}

function eachIndex(values: readonly bigint[], write: (writer: TextWriter, index: number) => void): string {
  return written((writer) => {
    for (const index of values.keys()) write(writer, index);
  });
}

function valuesOf(text: string): string[] {
  return parseScrape(text).samples.map(({ value }) => value);
}

/** Words that a rounding, a lost carry or a swapped half would change. */
const EDGES = [
  0n,
  1n,
  9n,
  10n,
  999_999_999n,
  1_000_000_000n,
  1_000_000_001n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  10n ** 15n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  10n ** 18n,
  2n ** 63n,
  2n ** 64n - 1n,
];

describe("TextWriter", () => {
  test("writes a 64-bit word to the last digit", () => {
    const row = words(new BigUint64Array(EDGES));
    const text = eachIndex(EDGES, (writer, index) => writer.word(NO_LABELS, NO_LABELS, row, index));
    assert.deepEqual(valuesOf(text), EDGES.map(String));
  });

  test("writes every 64-bit word as bigint does", () => {
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.nat().map(BigInt),
      fc.maxSafeNat().map(BigInt),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (values) => {
        const row = words(new BigUint64Array(values));
        const text = eachIndex(values, (writer, index) => writer.word(NO_LABELS, NO_LABELS, row, index));
        assert.deepEqual(valuesOf(text), values.map(String));
      }),
    );
  });

  test("writes the low half of a word for a 32-bit statistic", () => {
    const row = words(new BigUint64Array(EDGES));
    const text = eachIndex(EDGES, (writer, index) => writer.half(NO_LABELS, NO_LABELS, row, index));
    assert.deepEqual(
      valuesOf(text),
      EDGES.map((word) => String(BigInt.asUintN(32, word))),
    );
  });

  test("reads words at their place in a larger buffer", () => {
    const inside = new BigUint64Array(4).fill(7n).subarray(2);
    inside[1] = 2n ** 64n - 1n;
    assert.deepEqual(valuesOf(written((writer) => writer.word(NO_LABELS, NO_LABELS, words(inside), 1))), [
      "18446744073709551615",
    ]);
  });

  test("writes HELP and TYPE once, before the first sample, and nothing for a family without samples", () => {
    const text = written((writer) => {
      writer.integer(labelSet({ a: "1" }), NO_LABELS, 1);
      writer.integer(labelSet({ a: "2" }), labelSet({ b: "3" }), true);
      writer.integer(NO_LABELS, labelSet({ b: "3" }), 2n);
      writer.integer(labelSet({ a: "" }), labelSet({}), 2n ** 64n);
      writer.family({ name: "empty", type: "gauge", help: "Nothing." });
      writer.family({ name: "i", type: "info", help: "What it is." });
      writer.integer(NO_LABELS, labelSet({ kind: "veth" }), 1);
      writer.family({ name: "u", type: "unknown", help: "Who knows." });
      writer.integer(NO_LABELS, NO_LABELS, 0);
      writer.family({ name: "y", type: "gauge", help: 'Back\\slash, line\nfeed and "quotes".' });
      writer.decimal(NO_LABELS, NO_LABELS, "0.5");
    });
    assert.equal(
      text,
      [
        "# HELP x_total Help.",
        "# TYPE x_total counter",
        'x_total{a="1"} 1',
        'x_total{a="2",b="3"} 1',
        'x_total{b="3"} 2',
        "x_total 18446744073709551616",
        "# HELP i_info What it is.",
        "# TYPE i_info gauge",
        'i_info{kind="veth"} 1',
        "# HELP u Who knows.",
        "# TYPE u untyped",
        "u 0",
        '# HELP y Back\\\\slash, line\\nfeed and "quotes".',
        "# TYPE y gauge",
        "y 0.5",
        "",
      ].join("\n"),
    );
  });

  test("writes a histogram as its buckets, its sum and its count", () => {
    const text = written((writer) => {
      writer.family({ name: "h_seconds", type: "histogram", unit: "seconds", help: "How long." });
      const buckets = [
        { bound: 0.001, count: 2 },
        { bound: 1, count: 3 },
      ];
      writer.histogram(labelSet({ a: "1" }), labelSet({ kind: "x" }), { buckets, count: 4, sum: 2.25 }, STARTED);
      writer.histogram(NO_LABELS, NO_LABELS, { buckets: [], count: 0, sum: 0 }, STARTED);
      writer.family({ name: "g", type: "gauge", help: "After it." });
      writer.integer(NO_LABELS, NO_LABELS, 1);
    });
    assert.equal(
      text,
      [
        "# HELP h_seconds How long.",
        "# TYPE h_seconds histogram",
        'h_seconds_bucket{a="1",kind="x",le="0.001"} 2',
        'h_seconds_bucket{a="1",kind="x",le="1.0"} 3',
        'h_seconds_bucket{a="1",kind="x",le="+Inf"} 4',
        'h_seconds_sum{a="1",kind="x"} 2.25',
        'h_seconds_count{a="1",kind="x"} 4',
        'h_seconds_bucket{le="+Inf"} 0',
        "h_seconds_sum 0",
        "h_seconds_count 0",
        "# HELP g After it.",
        "# TYPE g gauge",
        "g 1",
        "",
      ].join("\n"),
    );
  });

  test("grows from any size without losing a byte", () => {
    const write = (writer: TextWriter): void => {
      for (let index = 0; index < 500; index++) writer.integer(labelSet({ device: `eth${index}` }), NO_LABELS, index);
    };
    assert.equal(written(write, 0), written(write, 1_000_000));
  });
});

describe("label values", () => {
  test("escape backslash, quote and line feed only", () => {
    assert.equal(escapeLabelValue('a\\b"c\nd\te{}=,é'), 'a\\\\b\\"c\\nd\te{}=,é');
  });

  test("come back as they were, whatever they hold", () => {
    const value = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", "\n", "\\n", '"} 1'));
    fc.assert(
      fc.property(value, value, (device, alias) => {
        const text = written((writer) => {
          writer.integer(labelSet({ group: "g", device }), labelSet({ alias }), 1);
          writer.integer(labelSet({ device, alias }), NO_LABELS, 1);
        });
        const present = Object.fromEntries(Object.entries({ device, alias }).filter(([, said]) => said !== ""));
        assert.deepEqual(
          parseScrape(text).samples.map(({ labels }) => labels),
          [{ group: "g", ...present }, present],
        );
      }),
    );
  });
});
