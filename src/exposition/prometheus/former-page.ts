/** What a page leaves to the next one in its format: the bytes of each family, and which sample lies where in them. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { LabelSet } from "./label-set.ts";
import type { FamilyHead } from "./sample-writer.ts";
import type { Revision } from "./subject.ts";

/** One family as it was last written. Sample n is at place n of each list; offsets count from the beginning of the family. */
export class WrittenFamily {
  /** Whether a page is writing it now. */
  isTaken = false;
  /** The revision under which its samples were written; undefined when there was none. */
  revision: Revision | undefined;
  /** Longer than the family may be. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The part of `bytes` that is its samples, as of when it last ended. */
  whole = this.bytes;
  readonly labels: LabelSet[] = [];
  readonly more: LabelSet[] = [];
  readonly starts: (Hrtime | undefined)[] = [];
  /** As numbers; NaN where a number does not hold it exactly. */
  readonly values: number[] = [];
  /** Where the value begins. */
  readonly at: number[] = [];
  /** Where the sample ends. */
  readonly ends: number[] = [];

  /** Forgets all samples but the first `count`. */
  cut(count: number): void {
    for (const list of [this.labels, this.more, this.starts, this.values, this.at, this.ends]) list.length = count;
  }

  /** Its samples are the first `length` of its bytes, under that revision. */
  end(length: number, revision: Revision | undefined): void {
    this.revision = revision;
    if (this.whole.length === length && this.whole.buffer === this.bytes.buffer) return;
    this.whole = this.bytes.subarray(0, length);
  }

  /** `bytes` are those of all its samples. */
  keep(bytes: Uint8Array): void {
    // With some room, because counters get longer and rows come.
    if (this.bytes.length < bytes.length) this.bytes = new Uint8Array(bytes.length + (bytes.length >> 3));
    this.bytes.set(bytes);
  }
}

/** The families of a page by their heads. */
export class WrittenFamilies {
  readonly #families = new WeakMap<FamilyHead, WrittenFamily>();

  /** The bytes of a family that was last written under that revision; undefined when it was not, or is being written. */
  writtenUnder(revision: Revision, head: FamilyHead): Uint8Array | undefined {
    const family = this.#families.get(head);
    return family?.revision === revision && !family.isTaken ? family.whole : undefined;
  }

  /** For one page alone, until it is given back: while a page waits for something, another one may be written. */
  take(head: FamilyHead): WrittenFamily {
    const family = this.#families.get(head);
    if (family === undefined || family.isTaken) return new WrittenFamily();
    family.isTaken = true;
    return family;
  }

  giveBack(head: FamilyHead, family: WrittenFamily): void {
    if (family.isTaken) family.isTaken = false;
    else this.#families.set(head, family);
  }
}

export class FormerPage {
  #families = new WrittenFamilies();
  #boot: bigint | undefined;

  /**
   * What was written with starts as dates that count from `boot`, in nanoseconds since 1970. When the last page had another one all is
   * forgotten; a page that is still being written with that one gives back to what is forgotten.
   */
  since(boot: bigint | undefined): WrittenFamilies {
    if (boot !== this.#boot) this.#families = new WrittenFamilies();
    this.#boot = boot;
    return this.#families;
  }
}
