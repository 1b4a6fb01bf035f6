/** Metrics about the exporter itself, as tables: each row has a name, a help text and a function that reads the value at a scrape. */

import { type LabelSet, type Labels, labelSet, NO_LABELS } from "../exposition/prometheus/label-set.ts";
import type { FamilyHead, SampleWriter } from "../exposition/prometheus/sample-writer.ts";
import type { Hrtime } from "../kstat/hrtime.ts";

/** A row of such a table; `State` is what it reads from, anew at each scrape. */
export type OwnMetric<State> = {
  /** As queries name it. */
  readonly name: string;
  readonly help: string;
  /** When there is none; nothing for one that is always there. */
  readonly absent?: string;
} & (
  | {
      readonly type: "gauge" | "counter";
      readonly label?: never;
      /** Undefined is no sample. */
      readonly read: (state: State) => number | undefined;
    }
  | {
      readonly type: "gauge" | "counter";
      readonly label: string;
      /** A sample for each value of the label. */
      readonly read: (state: State) => Readonly<Record<string, number>> | undefined;
    }
);

/** Label values of one metric, of which there are few kinds: reasons, heap spaces, types of resources. */
const KEPT = 64;

/** One row, with what does not change from scrape to scrape. */
class Reader<State> {
  readonly #row: OwnMetric<State>;
  readonly #head: FamilyHead;
  readonly #labels = new Map<string, LabelSet>();

  constructor(row: OwnMetric<State>) {
    this.#row = row;
    this.#head = familyHead(row);
  }

  write(state: State, writer: SampleWriter, start: Hrtime): void {
    const { label, type, read } = this.#row;
    writer.family(this.#head);
    const said = read(state);
    if (said === undefined) return;
    const since = type === "counter" ? start : undefined;
    if (typeof said === "number") writeNumber(writer, NO_LABELS, said, since);
    else for (const value in said) writeNumber(writer, this.#labelled(label, value), said[value] ?? 0, since);
  }

  #labelled(label = "", value: string): LabelSet {
    let set = this.#labels.get(value);
    if (!set) {
      if (this.#labels.size >= KEPT) this.#labels.clear();
      set = labelSet({ [label]: value });
      this.#labels.set(value, set);
    }
    return set;
  }
}

export class OwnMetrics<State> {
  readonly #readers: readonly Reader<State>[];

  constructor(rows: readonly OwnMetric<State>[]) {
    this.#readers = rows.map((row) => new Reader(row));
  }

  /** `start`: when counters began. */
  write(state: State, writer: SampleWriter, start: Hrtime): void {
    for (const reader of this.#readers) reader.write(state, writer, start);
  }
}

/** An info: it says what it says in its labels, and never changes. */
export class OwnInfo {
  readonly #head: FamilyHead;
  readonly #labels: LabelSet;

  constructor(name: string, help: string, labels: Labels) {
    this.#head = { name, type: "info", help };
    this.#labels = labelSet(labels);
  }

  write(writer: SampleWriter): void {
    if (writer.family(this.#head, this)) writer.integer(NO_LABELS, this.#labels, 1);
  }
}

function writeNumber(writer: SampleWriter, labels: LabelSet, value: number, since: Hrtime | undefined): void {
  if (Number.isSafeInteger(value) && value >= 0) writer.integer(NO_LABELS, labels, value, since);
  else writer.decimal(NO_LABELS, labels, String(value), since);
}

const UNITS = ["bytes", "seconds"] as const;

function familyHead<State>({ name, type, help }: OwnMetric<State>): FamilyHead {
  const short = name.replace(/_total$/, "");
  const unit = UNITS.find((each) => short.endsWith(`_${each}`));
  return { name: short, type, help, ...(unit !== undefined && { unit }) };
}
