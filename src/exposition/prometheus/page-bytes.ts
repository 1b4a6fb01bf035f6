/**
 * The bytes of a page, family by family and sample by sample. Most of a page is as the last one was: series keep their order, and many their
 * values. So a family that is said to be as it was is copied in one piece. In the others a sample that is where it was costs a comparison if
 * its value is the same; a value of the same length is written over the former one; and what lies between two values that became longer or
 * shorter is copied in one piece. Only new series are written out.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { type FormerPage, type WrittenFamilies, WrittenFamily } from "./former-page.ts";
import type { LabelSet } from "./label-set.ts";
import type { FamilyHead } from "./sample-writer.ts";
import type { Revision } from "./subject.ts";

export interface PageOptions {
  /** Where to write, for as long as it is large enough. */
  readonly buffer?: Uint8Array | undefined;
  /** The last page in this format, to which this one is left for the next; without it, all is new and nothing is kept. */
  readonly former?: FormerPage | undefined;
  /** When the clock of the snapshot stood at 0, in nanoseconds since 1970, where starts are written. */
  readonly boot?: bigint | undefined;
}

/** What there was of a family where no page is kept. */
const NOTHING = new WrittenFamily();

export class PageBytes {
  bytes: Uint8Array;
  length = 0;
  /** Where the value of the present sample is to be written, after {@link replace}. */
  target: Uint8Array;
  position = 0;
  /** Where its former value begins in {@link former}. */
  formerAt = 0;
  /** Where that sample ended. */
  formerEnd = 0;
  readonly #former: WrittenFamilies | undefined;
  #head: FamilyHead | undefined;
  #revision: Revision | undefined;
  #family = NOTHING;
  /** Where the family begins on this page. */
  #begin = 0;
  /** How many samples the family has on this page so far. */
  #count = 0;
  /** So many of the family's former bytes are on this page already, or have given way to others. */
  #copied = 0;
  /** How much further the samples lie than on the former page. */
  #shift = 0;

  constructor({ buffer = new Uint8Array(16_384), former, boot }: PageOptions) {
    this.bytes = buffer;
    this.target = buffer;
    this.#former = former?.since(boot);
  }

  /** Begins a family; the one before has ended. False when it was last written under that revision: then all samples are there. */
  family(head: FamilyHead, revision?: Revision): boolean {
    this.#begin = this.length;
    const whole = revision && this.#former?.writtenUnder(revision, head);
    if (whole !== undefined) {
      this.reserve(whole.length);
      this.append(whole);
      return false;
    }
    this.#head = head;
    this.#revision = revision;
    this.#family = this.#former?.take(head) ?? NOTHING;
    this.#count = 0;
    this.#copied = 0;
    this.#shift = 0;
    this.formerEnd = 0;
    return true;
  }

  /** Ends the family and answers with how many bytes it has. */
  endFamily(): number {
    if (this.#head === undefined) return this.length - this.#begin; // it was there, or none has begun
    const isChanged = this.length > this.#begin; // otherwise the former bytes are right, and are copied now
    this.#leaveFormer();
    if (this.#former !== undefined) {
      if (isChanged) this.#family.keep(this.bytes.subarray(this.#begin, this.length));
      this.#family.end(this.length - this.#begin, this.#revision);
      this.#former.giveBack(this.#head, this.#family);
    }
    this.#head = undefined;
    return this.length - this.#begin;
  }

  /** Whether the family has no sample yet. */
  get isFirst(): boolean {
    return this.#count === 0;
  }

  /**
   * Whether the next sample is the one that was there before, whatever its value: then its value is to be replaced where it is another.
   * Otherwise the sample is to be appended, and then added.
   */
  isNext(labels: LabelSet, more: LabelSet, start: Hrtime | undefined): boolean {
    const family = this.#family;
    const index = this.#count;
    if (
      index >= family.labels.length ||
      family.labels[index] !== labels ||
      family.more[index] !== more ||
      family.starts[index] !== start
    ) {
      this.#leaveFormer();
      return false;
    }
    this.#count++;
    this.formerAt = family.at[index] ?? 0;
    this.formerEnd = family.ends[index] ?? 0;
    if (this.#shift !== 0) {
      family.at[index] = this.formerAt + this.#shift;
      family.ends[index] = this.formerEnd + this.#shift;
    }
    return true;
  }

  /** What the present sample was before. */
  get formerValue(): number {
    return this.#family.values[this.#count - 1] ?? Number.NaN;
  }

  /** The former bytes of the family. */
  get former(): Uint8Array {
    return this.#family.bytes;
  }

  /** The `formerWidth` bytes of the present sample from `formerAt` on give way to `width` others, which go to `target` at `position`. */
  replace(value: number, formerWidth: number, width: number): void {
    const family = this.#family;
    const index = this.#count - 1;
    family.values[index] = value;
    this.target = family.bytes;
    this.position = this.formerAt;
    if (width === formerWidth) return;
    this.#copy(this.formerAt);
    this.reserve(width);
    this.target = this.bytes;
    this.position = this.length;
    this.length += width;
    this.#copied += formerWidth;
    this.#shift += width - formerWidth;
    family.ends[index] = this.formerEnd + this.#shift;
  }

  /** Whatever was appended since the sample before is this one; its value begins `at` there in `bytes`. */
  add(labels: LabelSet, more: LabelSet, start: Hrtime | undefined, value: number, at: number): void {
    this.#count++;
    if (this.#former === undefined) return;
    const family = this.#family;
    family.labels.push(labels);
    family.more.push(more);
    family.starts.push(start);
    family.values.push(value);
    family.at.push(at - this.#begin);
    family.ends.push(this.length - this.#begin);
  }

  append(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  reserve(room: number): void {
    if (this.length + room <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + room));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** The samples so far are all that the family has in common with the former page. */
  #leaveFormer(): void {
    this.#copy(this.formerEnd);
    if (this.#count < this.#family.labels.length) this.#family.cut(this.#count);
  }

  #copy(to: number): void {
    if (to <= this.#copied) return;
    this.reserve(to - this.#copied);
    this.append(this.#family.bytes.subarray(this.#copied, to));
    this.#copied = to;
  }
}
