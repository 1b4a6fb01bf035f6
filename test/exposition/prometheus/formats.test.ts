import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LabelEncoding, type LabelSet, LabelSets, labelSet, NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { FAMILIES, MetricsPage, renderText } from "#src/exposition/prometheus/metrics.js";
import { type FamilyHead, seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { hrtime, seconds } from "#src/kstat/hrtime.js";
import type { HistogramSnapshot } from "#src/snapshot/histogram.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { aSnapshot, BOND, EXAMPLE, STARTED } from "../../support/snapshot.ts";
import { FULL } from "./full.ts";
import { type CollectedSample, CollectingWriter } from "./collecting-writer.ts";
import { parseScrape, seriesOf } from "./scrape.ts";

function collected(snapshot: Snapshot, page = new MetricsPage()): readonly CollectedSample[] {
  const writer = new CollectingWriter();
  page.write(snapshot, writer);
  return writer.samples;
}

/** A histogram as text has it: series for each bucket, the sum and the count. */
function seriesOfHistogram(
  name: string,
  labels: CollectedSample["labels"],
  { buckets, sum, count }: HistogramSnapshot,
) {
  const bucket = (le: string, value: number) => [seriesOf(`${name}_bucket`, { ...labels, le }), value];
  return [
    ...buckets.map((one) => bucket(String(one.bound), one.count)),
    bucket("+Inf", count),
    [seriesOf(`${name}_sum`, labels), sum],
    [seriesOf(`${name}_count`, labels), count],
  ];
}

/** Its links are those of a device that is polled. */
const POLLED: Snapshot = {
  ...EXAMPLE,
  groups: EXAMPLE.groups.map((group) => ({
    ...group,
    members: group.members.map((member) => {
      const { link } = member;
      return { ...member, link: { ...link, id: { ...link.id, source: "sw1" } } };
    }),
  })),
};

const ALL = [...collected(FULL), ...collected(BOND), ...collected(POLLED)];

describe("a format that no family has heard of", () => {
  test("gets the series of the text format, with the same values", () => {
    for (const snapshot of [FULL, BOND, POLLED, EXAMPLE]) {
      const { samples } = parseScrape(Buffer.from(renderText(snapshot)).toString("utf8"));
      const said = samples.map(({ name, labels, value }) => [seriesOf(name, labels), Number(value)]);
      const kept = collected(snapshot).flatMap(({ name, labels, value }) =>
        typeof value === "object" ? seriesOfHistogram(name, labels, value) : [[seriesOf(name, labels), Number(value)]],
      );
      assert.deepEqual(kept, said);
    }
  });

  test("shares a page with the text format", () => {
    const page = new MetricsPage();
    const text = (): Uint8Array => {
      const writer = new TextWriter();
      page.write(FULL, writer);
      return writer.finish();
    };
    const first = text();
    const samples = collected(FULL, page);
    assert.deepEqual(samples, collected(FULL));
    assert.deepEqual(text(), first);
  });
});

describe("every family", () => {
  const hasUnit = ({ name }: FamilyHead): string | undefined => /_(bytes|seconds)$/.exec(name)?.[1];

  for (const family of FAMILIES) {
    test(`${family.name} has a name, a unit and a type that formats can write`, () => {
      assert.match(family.name, /^ipmp_[a-z]+(_[a-z]+)*$/);
      assert.doesNotMatch(
        family.name,
        /_(total|info|created|bucket|count|sum|gcount|gsum)$/,
        "reserved by OpenMetrics",
      );
      assert.equal(family.unit, hasUnit(family));
      if (family.type === "info") assert.equal(family.unit, undefined);
    });
  }

  test("has a name of its own, with and without the suffix of its type", () => {
    assert.equal(new Set(FAMILIES.map(({ name }) => name)).size, FAMILIES.length);
    assert.equal(new Set(FAMILIES.map(seriesName)).size, FAMILIES.length);
  });

  test("has a sample when there is something to say", () => {
    const seen = new Set(ALL.map(({ family }) => family.name));
    assert.deepEqual(
      FAMILIES.map(({ name }) => name).filter((name) => !seen.has(name)),
      [],
    );
  });

  test("is never negative, and 1 where it is an info", () => {
    for (const { name, value, family } of ALL) {
      if (typeof value !== "object") assert.ok(value >= 0, name);
      if (family.type === "info") assert.equal(value, 1n, name);
    }
  });
});

describe("the start of a counter", () => {
  test("is there for every counter and every histogram, and for nothing else", () => {
    for (const { name, family, start } of ALL)
      assert.equal(start !== undefined, family.type === "counter" || family.type === "histogram", name);
  });

  const joined = hrtime(STARTED + seconds(900));
  const crtime = hrtime(STARTED - seconds(900));
  const samples = collected(
    aSnapshot({
      groups: [
        {
          name: "g",
          crtime,
          rebinds: 1n,
          members: [{ device: "d", joinedAt: joined, failures: { link: 2n }, repairs: { link: 1n } }],
        },
      ],
    }),
  );
  const startOf = (wanted: string) => samples.find(({ name }) => name === wanted)?.start;

  test("is the group's for the group, and for what the group counts of a member through its joins", () => {
    assert.equal(startOf("ipmp_group_receive_bytes_total"), crtime);
    assert.equal(startOf("ipmp_group_state_seconds_total"), crtime);
    assert.equal(startOf("ipmp_member_failures_total"), crtime);
  });

  test("is the join for a member's share", () => {
    assert.equal(startOf("ipmp_member_receive_bytes_total"), joined);
  });

  test("is the process's for what the process counts, or the group's when that is later", () => {
    assert.equal(startOf("ipmp_source_gaps_total"), STARTED);
    assert.equal(startOf("ipmp_group_rebinds_total"), STARTED);
    const [sample] = collected(aSnapshot({ groups: [{ name: "g", crtime: joined }] })).filter(
      ({ name }) => name === "ipmp_group_rebinds_total",
    );
    assert.equal(sample?.start, joined);
  });
});

describe("label sets", () => {
  test("are the same objects in the next scrape, and are encoded once", () => {
    const sets = (page: MetricsPage): LabelSet[] => {
      const seen: LabelSet[] = [];
      const note = (labels: LabelSet, more: LabelSet): void => void seen.push(labels, more);
      page.write(FULL, { family: () => true, integer: note, word: note, half: note, decimal: note, histogram: note });
      return seen;
    };
    const page = new MetricsPage();
    const first = sets(page);
    const second = sets(page);
    assert.equal(second.length, first.length);
    for (const [index, set] of second.entries()) assert.equal(set, first[index], JSON.stringify(set.pairs));
  });

  test("hold each format's encoding apart", () => {
    let encoded = 0;
    const make = (what: string) =>
      new LabelEncoding((pairs) => {
        encoded++;
        return { what, pairs };
      });
    const [one, two] = [make("one"), make("two")];
    const set = labelSet({ a: "1" });
    assert.equal(one.of(set), one.of(set));
    assert.equal(two.of(set).what, "two");
    assert.equal(one.of(set).what, "one");
    assert.equal(encoded, 2);
  });

  test("that hold nothing are one and the same", () => {
    assert.equal(labelSet({}), NO_LABELS);
    assert.equal(labelSet({ alias: "" }), NO_LABELS);
  });

  test("are forgotten when there are more of them than are kept", () => {
    const sets = new LabelSets(2);
    const first = sets.of({ device: "a" });
    assert.equal(sets.of({ device: "a" }), first);
    assert.notEqual(sets.of({ reason: "a" }), first);
    sets.of({ device: "b" });
    assert.notEqual(sets.of({ device: "a" }), first);
  });
});
