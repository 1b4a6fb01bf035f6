import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import protobuf from "protobufjs";
import { BootTime } from "#src/exposition/prometheus/boot-time.js";
import { labelSet, NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { MetricsPage, renderText } from "#src/exposition/prometheus/metrics.js";
import { ProtobufWriter } from "#src/exposition/prometheus/protobuf-writer.js";
import type { SampleWriter } from "#src/exposition/prometheus/sample-writer.js";
import { words } from "#src/exposition/prometheus/words.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import type { HistogramSnapshot } from "#src/snapshot/histogram.js";
import { aSnapshot, BOND, EXAMPLE, NOW } from "../../support/snapshot.ts";
import { METRIC_FAMILY } from "./metric-family.ts";
import { parseScrape, seriesOf } from "./scrape.ts";

const FAMILY = protobuf.parse(METRIC_FAMILY).root.lookupType("io.prometheus.client.MetricFamily");

interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

interface ParsedHistogram {
  readonly sampleCount: number;
  readonly sampleSum: number;
  readonly bucket: readonly { readonly cumulativeCount: number; readonly upperBound: number }[];
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly positiveSpan: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveDelta: readonly number[];
  readonly createdTimestamp?: Timestamp;
}

interface Metric {
  readonly label: readonly { readonly name: string; readonly value: string }[];
  readonly gauge?: { readonly value: number };
  readonly counter?: { readonly value: number; readonly createdTimestamp?: Timestamp };
  readonly untyped?: { readonly value: number };
  readonly histogram?: ParsedHistogram;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly metric: readonly Metric[];
}

/** As protobufjs reads it: what is left over, cut short or of another type is an error. */
function parse(bytes: Uint8Array): Family[] {
  const reader = protobuf.Reader.create(bytes);
  const families: Family[] = [];
  while (reader.pos < reader.len) {
    const message = FAMILY.decodeDelimited(reader);
    // What the schema says.
    families.push(FAMILY.toObject(message, { longs: Number, enums: String, arrays: true }) as unknown as Family);
  }
  return families;
}

/** 1970 is the boot of this host, unless a test says otherwise. */
function written(write: (writer: SampleWriter) => void, { boot = 0n, size = 16_384 } = {}): Family[] {
  const writer = new ProtobufWriter(boot, { buffer: new Uint8Array(size) });
  write(writer);
  return parse(writer.finish());
}

const counter = { name: "x", type: "counter", help: "Help." } as const;
const gauge = { name: "y", type: "gauge", help: "Help." } as const;
const start = hrtime(seconds(5) + 250_999_999n);

describe("a page in protobuf", () => {
  for (const [what, snapshot] of Object.entries({ EXAMPLE, BOND })) {
    test(`has the series and values of the text format: ${what}`, () => {
      const writer = new ProtobufWriter(0n);
      new MetricsPage().write(snapshot, writer);
      const own = parse(writer.finish()).flatMap(({ name, metric }) =>
        metric.flatMap((one) => {
          const labels = Object.fromEntries(one.label.map((label) => [label.name, label.value]));
          const value = one.gauge?.value ?? one.counter?.value ?? one.untyped?.value;
          if (one.histogram === undefined) return [[seriesOf(name, labels), value]];
          const { bucket, sampleCount, sampleSum } = one.histogram;
          const le = (bound: number) => (Number.isInteger(bound) ? `${bound}.0` : String(bound));
          return [
            ...bucket.map(({ upperBound, cumulativeCount }) => [
              seriesOf(`${name}_bucket`, { ...labels, le: le(upperBound) }),
              cumulativeCount,
            ]),
            [seriesOf(`${name}_bucket`, { ...labels, le: "+Inf" }), sampleCount],
            [seriesOf(`${name}_sum`, labels), sampleSum],
            [seriesOf(`${name}_count`, labels), sampleCount],
          ];
        }),
      );
      const { samples, types } = parseScrape(Buffer.from(renderText(snapshot)).toString("utf8"));
      assert.deepEqual(
        own,
        samples.map(({ name, labels, value }) => [seriesOf(name, labels), Number(value)]),
      );
      const said = parse(writer.finish()).map(({ name, type }): [string, string] => [name, type.toLowerCase()]);
      assert.deepEqual(said, [...types]);
    });
  }

  test("says when every counter and histogram began, the same in the next scrape", () => {
    const boot = new BootTime();
    const page = new MetricsPage();
    const later = { ...EXAMPLE, at: hrtime(NOW + seconds(60)), wallMs: EXAMPLE.wallMs + 60_003 };
    const starts = [EXAMPLE, later].map((snapshot) => {
      const writer = new ProtobufWriter(boot.of(snapshot));
      page.write(snapshot, writer);
      return parse(writer.finish()).flatMap(({ type, metric }) =>
        type === "COUNTER" || type === "HISTOGRAM"
          ? metric.map(({ counter: one, histogram }) => (one ?? histogram)?.createdTimestamp)
          : [],
      );
    });
    const [first = [], second] = starts;
    assert.ok(first.length > 50);
    for (const created of first) {
      const at = (created?.seconds ?? 0) * 1000 + (created?.nanos ?? 0) / 1e6;
      assert.ok(at > EXAMPLE.wallMs - 864_013_000 && at <= EXAMPLE.wallMs, String(at));
    }
    assert.deepEqual(second, first);
  });
});

describe("the boot of the host", () => {
  const at = (wallMs: number, now: Hrtime = NOW) => ({ at: now, wallMs });

  test("is what the wall clock said first, for as long as it keeps to it", () => {
    const boot = new BootTime();
    const first = boot.of(at(1_763_853_300_000));
    assert.equal(first, 1_763_853_300_000_000_000n - NOW);
    assert.equal(boot.of(at(1_763_853_300_900)), first);
    assert.equal(boot.of(at(1_763_853_299_100)), first);
  });

  test("is another one once the clock has been set", () => {
    const boot = new BootTime();
    boot.of(at(0));
    assert.equal(boot.of(at(1_763_853_300_000)), 1_763_853_300_000_000_000n - NOW);
  });
});

describe("ProtobufWriter", () => {
  test("writes name, help, type and unit of a family, and nothing of one without samples", () => {
    const families = written((writer) => {
      writer.family({ name: "a_bytes", type: "counter", unit: "bytes", help: 'So "many" ü\n.' });
      writer.integer(labelSet({ a: "é", b: "" }), labelSet({ c: 'x"\n' }), 7, start);
      writer.family({ name: "nothing", type: "gauge", help: "Left out." });
      writer.family({ name: "b", type: "info", help: "Info." });
      writer.integer(NO_LABELS, NO_LABELS, true);
      writer.family({ name: "c", type: "unknown", help: "Unknown." });
      writer.decimal(labelSet({ d: "1" }), NO_LABELS, "0.25");
    });
    assert.deepEqual(families, [
      {
        name: "a_bytes_total",
        help: 'So "many" ü\n.',
        type: "COUNTER",
        unit: "bytes",
        metric: [
          {
            label: [
              { name: "a", value: "é" },
              { name: "c", value: 'x"\n' },
            ],
            counter: { value: 7, createdTimestamp: { seconds: 5, nanos: 250_000_000 } },
          },
        ],
      },
      { name: "b_info", help: "Info.", type: "GAUGE", metric: [{ label: [], gauge: { value: 1 } }] },
      {
        name: "c",
        help: "Unknown.",
        type: "UNTYPED",
        metric: [{ label: [{ name: "d", value: "1" }], untyped: { value: 0.25 } }],
      },
    ]);
  });

  test("rounds 64-bit words as doubles are rounded", () => {
    const edges = [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(...edges))), (all) => {
        const row = words(new BigUint64Array(all));
        const families = written((writer) => {
          writer.family(counter);
          for (const [index, value] of all.entries()) {
            writer.word(NO_LABELS, NO_LABELS, row, index, start);
            writer.integer(NO_LABELS, NO_LABELS, value, start);
            writer.half(NO_LABELS, NO_LABELS, row, index);
          }
        });
        const values = families.flatMap(({ metric }) => metric.map((one) => one.counter?.value));
        assert.deepEqual(
          values,
          all.flatMap((value) => [Number(value), Number(value), Number(BigInt.asUintN(32, value))]),
        );
      }),
    );
  });

  test("writes what is no number, and what is too large for one", () => {
    const [family] = written((writer) => {
      writer.family(gauge);
      for (const text of ["NaN", "Infinity", "-Infinity", "1e-7", "1e+21"]) writer.decimal(NO_LABELS, NO_LABELS, text);
    });
    assert.deepEqual(
      family?.metric.map((one) => one.gauge?.value),
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-7, 1e21],
    );
  });

  test("keeps the starts of counters with the same labels apart", () => {
    const other = hrtime(seconds(9));
    const labels = labelSet({ device: "eth0" });
    const write = (writer: SampleWriter): void => {
      writer.family(counter);
      for (const since of [start, other, start]) writer.integer(labels, NO_LABELS, 1, since);
    };
    const created = (boot: bigint) =>
      written(write, { boot })[0]?.metric.map((one) => one.counter?.createdTimestamp?.seconds);
    assert.deepEqual(created(0n), [5, 9, 5]);
    assert.deepEqual(created(seconds(100)), [105, 109, 105]);
  });

  test("grows from any size, and writes lengths of any size, the first time and later", () => {
    const page = (samples: number) => (writer: SampleWriter) => {
      for (const name of ["a", "b"]) {
        writer.family({ ...gauge, name });
        for (let index = 0; index < samples; index++) writer.integer(labelSet({ n: index, name }), NO_LABELS, index);
      }
    };
    for (const samples of [1, 1000, 5, 100_000, 2]) {
      for (const size of [0, 16_384]) {
        const families = written(page(samples), { size });
        assert.deepEqual(
          families.map(({ name, metric }) => [name, metric.length, metric.at(-1)?.gauge?.value]),
          [
            ["a", samples, samples - 1],
            ["b", samples, samples - 1],
          ],
        );
      }
    }
    const family = { ...gauge, name: "same" };
    for (const samples of [1, 2000, 3]) {
      const [only] = written((writer) => {
        writer.family(family);
        for (let index = 0; index < samples; index++) writer.integer(NO_LABELS, NO_LABELS, index);
      });
      assert.equal(only?.metric.length, samples);
    }
  });
});

describe("a histogram", () => {
  const head = { name: "h_seconds", type: "histogram", unit: "seconds", help: "How long." } as const;
  const histogram = (value: HistogramSnapshot): ParsedHistogram | undefined => {
    const [family] = written((writer) => {
      writer.family(head);
      writer.histogram(labelSet({ a: "1" }), labelSet({ b: "2" }), value, start);
    });
    assert.equal(family?.name, "h_seconds");
    assert.deepEqual(
      family?.metric[0]?.label.map(({ name }) => name),
      ["a", "b"],
    );
    return family?.metric[0]?.histogram;
  };
  const classic = { buckets: [{ bound: 0.5, count: 2 }], count: 300, sum: 2.25 };

  test("has its buckets, and its start", () => {
    assert.deepEqual(histogram(classic), {
      sampleCount: 300,
      sampleSum: 2.25,
      bucket: [{ cumulativeCount: 2, upperBound: 0.5 }],
      positiveSpan: [],
      positiveDelta: [],
      createdTimestamp: { seconds: 5, nanos: 250_000_000 },
    });
  });

  test("has native buckets as spans and differences", () => {
    const buckets = [
      { index: -20, count: 5 },
      { index: -19, count: 2 },
      { index: -3, count: 200 },
      { index: 0, count: 1 },
    ];
    const { schema, zeroThreshold, zeroCount, positiveSpan, positiveDelta } =
      histogram({ ...classic, native: { schema: 3, zeroThreshold: 0.001, zeroCount: 4, buckets } }) ?? {};
    assert.deepEqual({ schema, zeroThreshold, zeroCount }, { schema: 3, zeroThreshold: 0.001, zeroCount: 4 });
    assert.deepEqual(positiveSpan, [
      { offset: -20, length: 2 },
      { offset: 15, length: 1 },
      { offset: 2, length: 1 },
    ]);
    assert.deepEqual(positiveDelta, [5, -3, 198, -199]);
  });

  test("is a native one before its first observation", () => {
    const native = { schema: 3, zeroThreshold: 0.001, zeroCount: 0, buckets: [] };
    const { schema, positiveSpan } = histogram({ buckets: [], count: 0, sum: 0, native }) ?? {};
    assert.equal(schema, 3);
    assert.deepEqual(positiveSpan, []);
  });
});

test("labels of a snapshot survive, whatever they hold", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (alias) => {
      const writer = new ProtobufWriter(0n);
      const snapshot = aSnapshot({
        groups: [{ name: "g", members: [{ device: "d" }] }],
        links: [{ name: "d", alias }],
      });
      new MetricsPage().write(snapshot, writer);
      const info = parse(writer.finish()).find(({ name }) => name === "ipmp_member_info");
      assert.equal(info?.metric[0]?.label.find(({ name }) => name === "alias")?.value, alias);
    }),
  );
});
