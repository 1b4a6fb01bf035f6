/**
 * What families show of a snapshot, as plain values. Most of what a page says changes only when something happens, so whoever writes pages
 * asks first whether any of these values is another than in the snapshot before. Where none is, the families are copied from the last page.
 */

import type { GroupSnapshot, Snapshot } from "../../snapshot/snapshot.ts";

/** Takes the values of one snapshot, one after the other. */
export interface Values {
  /** Something that never changes itself: a number, a text, or an object that is replaced by another one when there is news. */
  add(value: unknown): void;
}

/**
 * Tells everything that its families show. The same values in the same order are the same samples, so the length of a list comes with it.
 * What is told and not shown costs only that families are written in vain.
 */
export interface Subject {
  /** What a snapshot has once. */
  readonly whole: (snapshot: Snapshot, values: Values) => void;
  /** What it has of each group. There can be thousands of them, so others have their turn in between. */
  readonly group?: (group: GroupSnapshot, values: Values) => void;
}

/** Names and what is counted of each. */
export function addCounts(values: Values, counts: Readonly<Record<string, bigint>> = {}): void {
  let length = 0;
  for (const name in counts) {
    values.add(name);
    values.add(counts[name]);
    length++;
  }
  values.add(length);
}

/** Stands for the values of a subject: the same object as long as they are the same. */
export type Revision = object;

/** What was told of a subject, and what stands for it. */
interface Told {
  readonly values: readonly unknown[];
  readonly revision: Revision;
}

/** Compares what is told with what was told before, and keeps it from the first difference on. */
class Comparison implements Values {
  readonly #before: readonly unknown[];
  /** Undefined as long as all was as before. */
  #other: unknown[] | undefined;
  #count = 0;

  constructor(before: readonly unknown[]) {
    this.#before = before;
  }

  add(value: unknown): void {
    const at = this.#count++;
    if (this.#other === undefined) {
      if (at < this.#before.length && this.#before[at] === value) return;
      this.#other = this.#before.slice(0, at);
    }
    this.#other.push(value);
  }

  /** All that was told; undefined when it was told before. */
  end(): readonly unknown[] | undefined {
    if (this.#other !== undefined) return this.#other;
    return this.#count === this.#before.length ? undefined : this.#before.slice(0, this.#count);
  }
}

/** Remembers what each subject was in the last snapshot. */
export class Revisions {
  readonly #told = new Map<Subject, Told>();

  /** What stands for the subject in this snapshot, group by group. Meanwhile those of other snapshots may be asked for. */
  *steps(snapshot: Snapshot, subject: Subject): Generator<void, Revision> {
    const before = this.#told.get(subject) ?? { values: [], revision: {} };
    const comparison = new Comparison(before.values);
    subject.whole(snapshot, comparison);
    for (const group of subject.group ? snapshot.groups : []) {
      subject.group?.(group, comparison);
      yield;
    }
    const values = comparison.end();
    if (values === undefined) return before.revision;
    const told = { values, revision: {} };
    this.#told.set(subject, told);
    return told.revision;
  }
}
