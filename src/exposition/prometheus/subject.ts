/**
 * What families show of a snapshot, as plain values. Most of what a page says changes only when something happens, so whoever writes pages
 * asks first whether any of these values is another than in the snapshot before. Where none is, the families are copied from the last page.
 */

import type { Snapshot } from "../../snapshot/snapshot.ts";

/** Takes the values of one snapshot, one after the other. */
export interface Values {
  /** Something that never changes itself: a number, a text, or an object that is replaced by another one when there is news. */
  add(value: unknown): void;
}

/**
 * Tells everything that its families show. The same values in the same order are the same samples, so a list comes after its length. What
 * is told and not shown costs only that families are written in vain.
 */
export type Subject = (snapshot: Snapshot, values: Values) => void;

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

class Told implements Values {
  revision: Revision = {};
  readonly #values: unknown[] = [];
  #count = 0;
  #isSame = true;

  add(value: unknown): void {
    const at = this.#count++;
    if (at < this.#values.length && this.#values[at] === value) return;
    this.#values[at] = value;
    this.#isSame = false;
  }

  of(snapshot: Snapshot, subject: Subject): Revision {
    this.#count = 0;
    this.#isSame = true;
    subject(snapshot, this);
    if (this.#count !== this.#values.length) this.#isSame = false;
    this.#values.length = this.#count;
    if (!this.#isSame) this.revision = {};
    return this.revision;
  }
}

/** Remembers what each subject was in the last snapshot. */
export class Revisions {
  readonly #told = new Map<Subject, Told>();

  of(snapshot: Snapshot, subject: Subject): Revision {
    let told = this.#told.get(subject);
    if (!told) {
      told = new Told();
      this.#told.set(subject, told);
    }
    return told.of(snapshot, subject);
  }
}
