/** Every `ipmp_*` family, in the order of the page, and a scrape of them. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import { ARRANGEMENT } from "./arrangement.ts";
import { BOND_FAMILIES } from "./bond-families.ts";
import { COLLECTOR_FAMILIES } from "./collector-families.ts";
import { ENGINE, ENGINE_FAMILIES } from "./engine-families.ts";
import type { Family } from "./family.ts";
import { GROUP_FAMILIES } from "./group-families.ts";
import { KSTAT_FAMILIES } from "./kstat-families.ts";
import { MEMBER_FAMILIES } from "./member-families.ts";
import { PROBE_FAMILIES } from "./probe-families.ts";
import { RowLabels } from "./row-labels.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { SampleWriter } from "./sample-writer.ts";
import { SNMP, SNMP_FAMILIES } from "./snmp-families.ts";
import { SOURCE_FAMILIES, SOURCES } from "./source-families.ts";
import { STATE, STATE_FAMILIES } from "./state-families.ts";
import { type Revision, Revisions, type Subject } from "./subject.ts";
import { TextWriter } from "./text-writer.ts";
import { GROUP_TRAFFIC, MEMBER_TRAFFIC } from "./traffic-families.ts";

/** Families that are asked for, or left out, together. */
export interface Collector {
  readonly name: string;
  readonly families: readonly Family[];
  /** Tells what they show, all but those that move. Left out: they are written for each page. */
  readonly subject?: Subject;
  /** Whether they show counters of links, which have to be read. */
  readonly showsCounters?: true;
}

/** In the order of the page. `process` has no families here: `src/web/process-metrics.ts` writes them behind these. */
export const COLLECTORS: readonly Collector[] = [
  { name: "group", families: GROUP_FAMILIES, subject: ARRANGEMENT },
  { name: "group_traffic", families: GROUP_TRAFFIC, showsCounters: true },
  { name: "member", families: MEMBER_FAMILIES, subject: ARRANGEMENT },
  { name: "member_traffic", families: MEMBER_TRAFFIC, showsCounters: true },
  { name: "probe", families: PROBE_FAMILIES },
  { name: "bond", families: BOND_FAMILIES, subject: ARRANGEMENT },
  { name: "kstat", families: KSTAT_FAMILIES, showsCounters: true },
  { name: "engine", families: ENGINE_FAMILIES, subject: ENGINE },
  { name: "source", families: SOURCE_FAMILIES, subject: SOURCES },
  { name: "state", families: STATE_FAMILIES, subject: STATE },
  { name: "snmp", families: SNMP_FAMILIES, subject: SNMP },
  { name: "process", families: [] },
];

export const FAMILIES: readonly Family[] = [...COLLECTORS.flatMap(({ families }) => families), ...COLLECTOR_FAMILIES];

/** What becomes of a collector: `late` is left out and marked, `unwanted` left out. */
export type Treatment = "written" | "late" | "unwanted";

/** Writes scrapes, and remembers between them the label sets that they have in common. */
export class MetricsPage {
  readonly #labels = new RowLabels();
  readonly #revisions = new Revisions();

  write(snapshot: Snapshot, writer: SampleWriter, treatmentOf?: (collector: Collector) => Treatment): void {
    const steps = this.steps(snapshot, writer, treatmentOf);
    while (!steps.next().done);
  }

  /** Group by group, then family by family. `treatmentOf` is asked of each collector when it is its turn. How the collection went is always told. */
  *steps(
    snapshot: Snapshot,
    writer: SampleWriter,
    treatmentOf: (collector: Collector) => Treatment = () => "written",
  ): Generator<void, void> {
    const late: string[] = [];
    const page = this.#labels.begin();
    const rows = yield* rowsOf(snapshot, this.#labels, late);
    const revisions = new Map<Subject, Revision>();
    for (const collector of COLLECTORS) {
      const { name, families, subject } = collector;
      const treatment = treatmentOf(collector);
      if (treatment === "late") late.push(name);
      if (treatment !== "written") continue;
      if (subject && !revisions.has(subject)) revisions.set(subject, yield* this.#revisions.steps(snapshot, subject));
      yield* writeFamilies(families, rows, writer, subject && revisions.get(subject));
    }
    yield* writeFamilies(COLLECTOR_FAMILIES, rows, writer);
    this.#labels.sweep(page);
  }
}

/** `revision`: what all of them but those that move tell of. */
function* writeFamilies(
  families: readonly Family[],
  rows: Rows,
  writer: SampleWriter,
  revision?: Revision,
): Generator<void, void> {
  for (const family of families) {
    if (writer.family(family, family.moves ? undefined : revision)) family.samples(rows, writer);
    yield;
  }
}

/** One snapshot by itself, in text format 0.0.4. */
export function renderText(snapshot: Snapshot): Uint8Array {
  const writer = new TextWriter();
  new MetricsPage().write(snapshot, writer);
  return writer.finish();
}
