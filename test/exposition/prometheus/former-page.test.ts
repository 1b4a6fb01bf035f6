/** Pages that are made from the last one are, to the byte, the pages that somebody who had no last one would have made. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { FormerPage } from "#src/exposition/prometheus/former-page.js";
import { type LabelSet, labelSet, NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { MetricsPage } from "#src/exposition/prometheus/metrics.js";
import { OpenMetricsWriter } from "#src/exposition/prometheus/openmetrics-writer.js";
import type { PageOptions } from "#src/exposition/prometheus/page-bytes.js";
import { ProtobufWriter } from "#src/exposition/prometheus/protobuf-writer.js";
import type { FamilyHead, PageWriter } from "#src/exposition/prometheus/sample-writer.js";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { words } from "#src/exposition/prometheus/words.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import type { HistogramSnapshot } from "#src/snapshot/histogram.js";
import { aSnapshot, BOND, EXAMPLE } from "../../support/snapshot.ts";

type Make = (options: Omit<PageOptions, "boot">, boot: bigint) => PageWriter;

const FORMATS: Readonly<Record<string, Make>> = {
  text: (options) => new TextWriter(options),
  OpenMetrics: (options) => new OpenMetricsWriter(options),
  "OpenMetrics with starts": (options, boot) => new OpenMetricsWriter({ ...options, boot }),
  protobuf: (options, boot) => new ProtobufWriter(boot, options),
};

const HEADS = [
  { name: "a_bytes", type: "counter", unit: "bytes", help: "A." },
  { name: "b", type: "gauge", help: "B." },
  { name: "c_seconds", type: "histogram", unit: "seconds", help: "C." },
] as const satisfies readonly FamilyHead[];

const SETS: readonly LabelSet[] = [NO_LABELS, ...["x", "y", "long enough for two"].map((a) => labelSet({ a }))];
const MORE: readonly LabelSet[] = [NO_LABELS, labelSet({ b: "1" })];
const STARTS: readonly Hrtime[] = [hrtime(seconds(5)), hrtime(seconds(9) + 250_000_000n)];
const HISTOGRAMS: readonly HistogramSnapshot[] = [
  { buckets: [{ bound: 1, count: 0 }], count: 0, sum: 0 },
  { buckets: [{ bound: 1, count: 2 }], count: 12, sum: 2.5 },
  { buckets: [{ bound: 1, count: 1000 }], count: 2 ** 40, sum: 1e21 },
];

/** One sample: which of each of the lists above, and a value. */
interface Sample {
  readonly labels: number;
  readonly more: number;
  readonly start: number;
  readonly value: bigint;
}

type Written = readonly (readonly Sample[])[];

const A_VALUE = fc.oneof(fc.bigInt({ min: 0n, max: 12n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const A_SAMPLE = fc.record({ labels: fc.nat(3), more: fc.nat(1), start: fc.nat(1), value: A_VALUE });
/** Rows that come and go and change, as they do from one scrape to the next, and pages that have nothing to do with each other. */
const PAGES = fc
  .tuple(
    fc.array(A_SAMPLE, { maxLength: 8 }),
    fc.array(
      fc.record({
        changed: fc.array(fc.tuple(fc.nat(7), A_SAMPLE)),
        left: fc.array(fc.nat(7), { maxLength: 2 }),
        alone: fc.option(fc.nat(2)),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([first, steps]): Written[] => {
    let rows = first;
    return [
      HEADS.map(() => first),
      ...steps.map(({ changed, left, alone }) => {
        rows = rows.map((row, n) => ({ ...row, value: changed.find(([at]) => at === n)?.[1].value ?? row.value }));
        rows = rows.filter((_, n) => !left.includes(n));
        if (changed.length > 2) rows = [...rows, ...changed.map(([, row]) => row)];
        return HEADS.map((_, family) => (alone === null || alone === family ? rows : []));
      }),
    ];
  });

function writeSample(writer: PageWriter, { type }: FamilyHead, sample: Sample): void {
  const { value } = sample;
  const [labels = NO_LABELS, more = NO_LABELS] = [SETS[sample.labels], MORE[sample.more]];
  const start = STARTS[sample.start] ?? hrtime(0n);
  if (type === "histogram") {
    const histogram = HISTOGRAMS[Number(value % 3n)];
    if (histogram) writer.histogram(labels, more, histogram, start);
  } else if (type === "counter") {
    writer.word(labels, more, words(new BigUint64Array([value])), 0, start);
    writer.decimal(labels, more, String(Number(value % 1000n) / 8), start);
  } else {
    writer.integer(labels, more, value);
    writer.half(labels, more, words(new BigUint64Array([value])), 0);
  }
}

function write(writer: PageWriter, families: Written): Buffer {
  for (const [n, samples] of families.entries()) {
    const head = HEADS[n] ?? HEADS[0];
    writer.family(head);
    for (const sample of samples) writeSample(writer, head, sample);
  }
  return Buffer.from(writer.finish());
}

for (const [format, make] of Object.entries(FORMATS)) {
  describe(`a page in ${format} that is made from the last one`, () => {
    test("is what it would be without, whatever has come, gone and changed", () => {
      fc.assert(
        fc.property(PAGES, (pages) => {
          const former = new FormerPage();
          for (const page of pages)
            assert.deepEqual(write(make({ former }, 0n), page), write(make({}, 0n), page), format);
        }),
        { numRuns: 300 },
      );
    });

    test("is that also after a step of the clock", () => {
      const page = HEADS.map(() => [{ labels: 1, more: 1, start: 0, value: 7n }]);
      const former = new FormerPage();
      for (const boot of [0n, seconds(100), seconds(100), 0n])
        assert.deepEqual(write(make({ former }, boot), page), write(make({}, boot), page));
    });

    test("is that also when another one is begun before it has ended", () => {
      const former = new FormerPage();
      const rows = (value: bigint): Sample[] => [0, 1, 2].map((labels) => ({ labels, more: 0, start: 0, value }));
      write(
        make({ former }, 0n),
        HEADS.map(() => rows(1n)),
      );
      const [one, other] = [make({ former }, 0n), make({ former }, 0n)];
      const [head] = HEADS;
      one.family(head);
      for (const row of rows(5n)) writeSample(one, head, row);
      const whole = write(
        other,
        HEADS.map(() => rows(1_000n)),
      );
      assert.deepEqual(Buffer.from(one.finish()), write(make({}, 0n), [rows(5n)]));
      assert.deepEqual(
        whole,
        write(
          make({}, 0n),
          HEADS.map(() => rows(1_000n)),
        ),
      );
    });

    test("is that also when a much longer one, and then a short one, is written before it has ended", () => {
      const rows = (count: number): Sample[] =>
        Array.from({ length: count }, () => ({ labels: 3, more: 1, start: 0, value: 7n }));
      const page = (count: number): Written => HEADS.map(() => rows(count));
      const alone = write(make({}, 0n), [rows(4)]);
      for (const lengths of [[4], [4000], [1], [4000, 1]]) {
        const writer = make({ former: new FormerPage() }, 0n);
        const [head] = HEADS;
        writer.family(head);
        for (const row of rows(4)) writeSample(writer, head, row);
        for (const length of lengths) write(make({}, 0n), page(length));
        assert.deepEqual(Buffer.from(writer.finish()), alone);
      }
    });

    test("is that also when the clock is set, and another one written, before the last one has ended", () => {
      const former = new FormerPage();
      const rows: Sample[] = [{ labels: 1, more: 1, start: 0, value: 7n }];
      const last = make({ former }, 0n);
      const [head] = HEADS;
      last.family(head);
      for (const row of rows) writeSample(last, head, row);
      const boot = seconds(100);
      write(make({ former }, boot), [rows]);
      last.finish();
      assert.deepEqual(write(make({ former }, boot), [rows]), write(make({}, boot), [rows]));
    });

    test("is that also of snapshots that differ in everything", () => {
      const former = new FormerPage();
      const own = new MetricsPage();
      for (const snapshot of [EXAMPLE, EXAMPLE, BOND, aSnapshot(), EXAMPLE]) {
        const [writer, fresh] = [make({ former }, 0n), make({}, 0n)];
        own.write(snapshot, writer);
        new MetricsPage().write(snapshot, fresh);
        assert.deepEqual(Buffer.from(writer.finish()), Buffer.from(fresh.finish()));
      }
    });
  });
}
