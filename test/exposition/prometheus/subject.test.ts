/** A family that is copied from the last page because its subject says the same would have been written as it is there. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { ARRANGEMENT } from "#src/exposition/prometheus/arrangement.js";
import type { Family } from "#src/exposition/prometheus/family.js";
import { FormerPage } from "#src/exposition/prometheus/former-page.js";
import { NO_LABELS } from "#src/exposition/prometheus/label-set.js";
import { COLLECTORS, type Collector, type Treatment, MetricsPage } from "#src/exposition/prometheus/metrics.js";
import { OpenMetricsWriter } from "#src/exposition/prometheus/openmetrics-writer.js";
import { ProtobufWriter } from "#src/exposition/prometheus/protobuf-writer.js";
import { RowLabels } from "#src/exposition/prometheus/row-labels.js";
import { type Rows, rowsOf } from "#src/exposition/prometheus/rows.js";
import type { PageWriter } from "#src/exposition/prometheus/sample-writer.js";
import { type Revision, Revisions, type Subject } from "#src/exposition/prometheus/subject.js";
import { TextWriter } from "#src/exposition/prometheus/text-writer.js";
import { seconds } from "#src/kstat/hrtime.js";
import type { HardwareAttributes } from "#src/link/hardware.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { atOnce } from "#src/turns/in-turns.js";
import { aSnapshot, BOND, EXAMPLE } from "../../support/snapshot.ts";
import { FULL } from "./full.ts";
import { change, changesOf } from "./one-change.ts";

const HARDWARE: HardwareAttributes = {
  pciFunction: "0000:3b:00.1",
  physicalFunction: undefined,
  slot: undefined,
  usbDevice: undefined,
  module: "e1000",
  numaNode: 1,
};

/** Whatever can be there is there in one of them. */
const WORLDS: readonly Snapshot[] = [
  FULL,
  BOND,
  aSnapshot({
    groups: [
      {
        name: "lag0",
        source: "lag",
        mode: "lag",
        castDevice: { ipv4: "sw1:p1", ipv6: "sw1:p2" },
        members: [
          { device: "p1", source: "sw1", probes: { state: "ok", families: [] } },
          { device: "p2", source: "sw1", state: "inactive", route: { inRoute: true, weight: 2, isReachable: false } },
        ],
      },
    ],
    links: [{ name: "p1", source: "sw1", altNames: ["one"], hardware: HARDWARE }],
  }),
];

/** A family by itself, with the starts of its counters. Empty without samples. */
function written(family: Family, rows: Rows): string {
  const writer = new OpenMetricsWriter({ boot: 0n });
  writer.family(family);
  family.samples(rows, writer);
  return Buffer.from(writer.finish()).toString("latin1").replace("# EOF\n", "");
}

/** What families of a collector show and its subject does not tell of: the first such change for each, by the name of the family. */
function untold(collectors: readonly Pick<Collector, "families" | "subject">[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const world of WORLDS) {
    const rows = atOnce(rowsOf(world, new RowLabels()));
    const families = collectors.flatMap(({ families, subject }) =>
      subject ? families.filter(({ moves }) => !moves).map((family) => ({ family, subject })) : [],
    );
    const before = families.map((row) => ({ ...row, text: written(row.family, rows) }));
    for (const one of changesOf(world)) {
      const other = change(world, one);
      const otherRows = other && ifPossible(() => atOnce(rowsOf(other, new RowLabels())));
      if (other === undefined || otherRows === undefined) continue;
      for (const { family, subject, text } of before) {
        const after = ifPossible(() => written(family, otherRows)) ?? text;
        if (after !== text && ifPossible(() => isTold(world, other, subject)) === false)
          found.set(family.name, one.path.join("."));
      }
    }
  }
  return found;
}

function revisionIn(revisions: Revisions, snapshot: Snapshot, subject: Subject): Revision {
  return atOnce(revisions.steps(snapshot, subject));
}

function isTold(one: Snapshot, other: Snapshot, subject: Subject): boolean {
  const revisions = new Revisions();
  return revisionIn(revisions, one, subject) !== revisionIn(revisions, other, subject);
}

/** Undefined where no snapshot is like that. */
function ifPossible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

describe("a subject", () => {
  test("tells of each value that the families of its collector show", () => {
    assert.deepEqual([...untold(COLLECTORS)], []);
  });

  test("is tried on snapshots in which each of those families has samples", () => {
    const all = WORLDS.map((world) => atOnce(rowsOf(world, new RowLabels())));
    for (const { families, subject } of COLLECTORS)
      for (const family of subject ? families : [])
        assert.ok(
          all.some((rows) => written(family, rows) !== ""),
          `no snapshot here has samples of ${family.name}`,
        );
  });

  test("that does not tell of what a family shows is found out", () => {
    const time: Family = {
      name: "time",
      type: "gauge",
      help: "Says a time.",
      samples: ({ groups }, writer) => {
        for (const { group, labels } of groups) writer.integer(labels, NO_LABELS, group.stateTime.ok);
      },
    };
    const families = [time, { ...time, name: "moving", moves: true as const }];
    assert.deepEqual([...untold([{ families, subject: ARRANGEMENT }]).keys()], ["time"]);
  });

  test("is the same for the same values, and never again what it was once", () => {
    const revisions = new Revisions();
    const [first, second] = [EXAMPLE, BOND].map((snapshot) => revisionIn(revisions, snapshot, ARRANGEMENT));
    assert.equal(revisionIn(revisions, { ...BOND }, ARRANGEMENT), second);
    const third = revisionIn(revisions, EXAMPLE, ARRANGEMENT);
    assert.notEqual(third, first);
    assert.notEqual(third, second);
    assert.notEqual(revisionIn(new Revisions(), EXAMPLE, ARRANGEMENT), third);
  });
});

type Make = (former: FormerPage | undefined, boot: bigint) => PageWriter;

const FORMATS: Readonly<Record<string, Make>> = {
  text: (former) => new TextWriter({ former }),
  OpenMetrics: (former) => new OpenMetricsWriter({ former }),
  "OpenMetrics with starts": (former, boot) => new OpenMetricsWriter({ former, boot }),
  protobuf: (former, boot) => new ProtobufWriter(boot, { former }),
};

/** One page: of which world, what of it is another, what becomes of the collectors, and what the clock says. */
interface Asked {
  readonly world: number;
  /** Positions in the list of changes. */
  readonly changes: readonly number[];
  readonly treatments: readonly Treatment[];
  readonly boot: bigint;
  /** Before its so many-th step the next one is written whole. */
  readonly waits: number;
}

const A_PAGE: fc.Arbitrary<Asked> = fc.record({
  world: fc.nat(WORLDS.length - 1),
  changes: fc.array(fc.nat(), { maxLength: 3 }),
  treatments: fc.oneof(
    fc.constant([]),
    fc.array(fc.constantFrom<Treatment>("written", "written", "late", "unwanted"), { maxLength: COLLECTORS.length }),
  ),
  boot: fc.oneof({ weight: 9, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: fc.constant(seconds(100)) }),
  waits: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(70) }),
});

const CHANGES = WORLDS.map(changesOf);

/** The snapshot of a page, and the page as it is when there was none before. */
function afresh(asked: Asked, make: Make): { readonly snapshot: Snapshot; readonly page: Buffer } {
  const world = WORLDS[asked.world] ?? EXAMPLE;
  const possible = CHANGES[asked.world] ?? [];
  const changed = asked.changes.reduce((before: Snapshot, n) => {
    const one = possible[n % possible.length];
    return (one && change(before, one)) ?? before;
  }, world);
  const page = (snapshot: Snapshot): Buffer => {
    const writer = make(undefined, asked.boot);
    new MetricsPage().write(snapshot, writer, treatmentIn(asked));
    return Buffer.from(writer.finish());
  };
  const whole = ifPossible(() => page(changed));
  return whole ? { snapshot: changed, page: whole } : { snapshot: world, page: page(world) };
}

function treatmentIn({ treatments }: Asked) {
  return (collector: Collector): Treatment => treatments[COLLECTORS.indexOf(collector)] ?? "written";
}

for (const [format, make] of Object.entries(FORMATS)) {
  test(`pages in ${format} are, to the byte, those that nothing is copied into`, () => {
    fc.assert(
      fc.property(fc.array(A_PAGE, { minLength: 2, maxLength: 8 }), (pages) => {
        const [own, former] = [new MetricsPage(), new FormerPage()];
        const writeFrom = (n: number): void => {
          const asked = pages[n];
          if (!asked) return;
          const { snapshot, page } = afresh(asked, make);
          const writer = make(former, asked.boot);
          const steps = own.steps(snapshot, writer, treatmentIn(asked));
          for (let step = 0; step < asked.waits; step++) if (steps.next().done) break;
          if (asked.waits > 0) writeFrom(n + 1);
          while (!steps.next().done);
          assert.deepEqual(Buffer.from(writer.finish()), page);
          if (asked.waits === 0) writeFrom(n + 1);
        };
        writeFrom(0);
      }),
      { numRuns: 60 },
    );
  });
}
