/**
 * Readings of one link, made into counters that never run backwards. A link is the one that the system created, not its
 * name: a link that is deleted and made again starts a new one of these, and so a new kstat with a new crtime.
 *
 * The kernel's engine has no such stage; its group counters fall when a driver resets (ipmp.c trusts the link kstat). Here
 * the arithmetic of src/ipmp stays the kernel's, and what would disturb it is settled before it gets there.
 */

import type { Schema } from "../kstat/schema.ts";
import { type Allowance, allowance, type CounterBits, turned } from "./counter-width.ts";
import type { ResetReason } from "./reset-reason.ts";

/** Circumstances of a reading. */
export interface ReadingContext {
  /** Nanoseconds on a clock that never steps. */
  readonly at: bigint;
  /** Of one direction; undefined when unknown. */
  readonly speedBitsPerSecond: number | undefined;
}

/** What a source's counters are. */
export interface CounterForm {
  readonly schema: Schema;
  /** Width of all counters, or of each in the order of the schema. */
  readonly bits: CounterBits | readonly CounterBits[];
  /** Whether counters that all fell began again at 0; true when left out. Otherwise they may have begun anywhere. */
  readonly restartsAtZero?: boolean;
}

/**
 * Growth between two readings that no link can have carried: 2^60 bytes are eleven days at 10 Tbit/s. Drivers that fail to
 * ask their hardware answer with all ones.
 */
const ABSURD = 1n << 60n;
/** Without a known speed, a fall is a wrap only when the counter went on by less than this. */
const HALF_TURN = 1n << 31n;

export class SettledLink {
  /** Settled counters, in the order of the source's schema. Read only, and they go on changing: whoever keeps them copies them. */
  readonly counters: BigUint64Array;
  /** The source's own numbers, as last seen. Read only. */
  readonly seen: BigUint64Array;
  /** When all counters were last read. What came with an event since is in `seen`, too. */
  seenAt: bigint;
  /** Times that `counters` or `seen` have changed. */
  changes = 0;
  readonly #form: CounterForm;
  /** A counter has jumped further than any link can count. It is reported once, until a reading is plausible again. */
  #jumped = false;
  /** The last reading found a reset. An event that arrives now may be from before it, so events are ignored until the next reading. */
  #restarted = false;
  /** An event has raised a counter since the last reading. */
  #grew = false;

  get schema(): Schema {
    return this.#form.schema;
  }

  /** Width of each counter, where they differ. */
  get bits(): CounterForm["bits"] {
    return this.#form.bits;
  }

  /**
   * `first` is where the link's counters stand when it is first seen. `counters` are settled ones of an earlier run that
   * rest on `first`, and go on from there.
   */
  constructor(form: CounterForm, first: BigUint64Array, at: bigint, counters = first) {
    this.#form = form;
    // One block of memory for both: of thousands of links, each block is one more for the garbage collector to look after.
    const block = new BigUint64Array(counters.length + first.length);
    this.counters = block.subarray(0, counters.length);
    this.counters.set(counters);
    this.seen = block.subarray(counters.length);
    this.seen.set(first);
    this.seenAt = at;
  }

  /**
   * Numbers that came with an event. They are as of the event, so a reading taken since may be larger: the larger counts,
   * and a smaller one says nothing. This is also the rule for the last counters of a deleted link, because a veth's
   * RTM_DELLINK says 0 for what it received. Between the reading that found a reset and the next one nothing is taken from
   * events: numbers of before the reset would count all of them again.
   */
  atLeast(delivered: BigUint64Array, context: ReadingContext): void {
    if (this.#restarted) return;
    const { counters, seen } = this;
    const hasTurned = this.#hasTurned(delivered, context);
    for (let i = 0; i < seen.length; i++) {
      const now = delivered[i] ?? 0n;
      const last = seen[i] ?? 0n;
      let moved = now - last;
      if (moved < 0n && now > 0n && hasTurned) moved = turned(last, now, this.#width(i, last));
      if (moved <= 0n || moved >= ABSURD) continue;
      counters[i] = (counters[i] ?? 0n) + moved;
      seen[i] = now;
      this.changes++;
      this.#grew = true;
    }
  }

  /** Numbers read just now that do not go on from the last ones: what came in between is not known, and not counted. */
  beginAnew(reading: BigUint64Array, at: bigint): void {
    this.seen.set(reading);
    this.seenAt = at;
    this.changes++;
    this.#jumped = false;
    this.#grew = false;
    this.#restarted = true;
  }

  /** Numbers read just now. Answers why, when they do not continue the last ones. */
  read(reading: BigUint64Array, context: ReadingContext): ResetReason | undefined {
    const { counters, seen } = this;
    const verdict = this.#hasFallen(reading) ? this.#explainFall(reading, context) : "turned";
    if (this.#form.restartsAtZero === false && (verdict === "restart" || verdict === "fell")) {
      this.beginAnew(reading, context.at);
      return "discontinuity";
    }
    let jumped = false;
    let changed = false;
    for (let i = 0; i < seen.length; i++) {
      const now = reading[i] ?? 0n;
      const last = seen[i] ?? 0n;
      let moved = now - last;
      if (moved < 0n) {
        moved = this.#movedInFall(verdict, i, last, now);
      } else if (moved >= ABSURD) {
        jumped = true;
        continue; // the next reading is compared with the last good one
      }
      if (moved === 0n && now === last) continue;
      counters[i] = (counters[i] ?? 0n) + moved;
      seen[i] = now;
      changed = true;
    }
    this.seenAt = context.at;
    if (changed) this.changes++;
    const isNews = jumped && !this.#jumped;
    this.#jumped = jumped;
    this.#grew = false;
    this.#restarted = verdict === "restart" || verdict === "fell";
    if (verdict !== "turned") return verdict;
    return isNews ? "jumped" : undefined;
  }

  /**
   * Whether smaller numbers in an event are a wrap. An event can be older than the last reading, so smaller numbers usually say
   * nothing, and a 0 is a number that the message does not know. Only a 32-bit counter of a link that is fast enough can have
   * wrapped, and only when the way over the top is shorter than the way back.
   */
  #hasTurned(delivered: BigUint64Array, context: ReadingContext): boolean {
    if (!this.#hasNarrow || !this.#hasFallen(delivered)) return false;
    const known = delivered.map((now, i) => now || (this.seen[i] ?? 0n));
    const verdict = this.#explainFall(known, context, HALF_TURN);
    return verdict === "turned" || verdict === "ambiguous";
  }

  /** A counter that has been above 2^32 is 64 bits wide, whatever the source says of its counters. */
  #width(index: number, last: bigint): CounterBits {
    const { bits } = this.#form;
    if (last >> 32n !== 0n) return 64;
    return typeof bits === "number" ? bits : (bits[index] ?? 64);
  }

  /** Whether any counter is of 32 bits. */
  get #hasNarrow(): boolean {
    const { bits } = this.#form;
    return typeof bits === "number" ? bits === 32 : bits.includes(32);
  }

  #hasFallen(reading: BigUint64Array): boolean {
    const { seen } = this;
    for (let i = 0; i < seen.length; i++) if ((reading[i] ?? 0n) < (seen[i] ?? 0n)) return true;
    return false;
  }

  #movedInFall(verdict: ResetReason | "turned", index: number, last: bigint, now: bigint): bigint {
    if (verdict === "turned" || verdict === "ambiguous") return turned(last, now, this.#width(index, last));
    // A counter that began again at zero has carried `now` since; of one that merely fell nobody can say.
    return verdict === "restart" ? now : 0n;
  }

  /**
   * Judges all counters together: a driver that resets begins all of them again, a wrap happens to one. If the speed is known, each
   * counter that fell must have been able to come so far; if not, it must have come less than half of 2^32, while another counter
   * grew. Whatever went further than `ceiling` is no wrap.
   */
  #explainFall(
    reading: BigUint64Array,
    { at, speedBitsPerSecond }: ReadingContext,
    ceiling = 1n << 64n,
  ): ResetReason | "turned" {
    const { seen } = this;
    const { schema } = this.#form;
    const allowed = allowance(speedBitsPerSecond, at - this.seenAt);
    let grew = false;
    let canHaveTurned = true;
    let canHaveTurnedTwice = false;
    for (let i = 0; i < seen.length; i++) {
      const now = reading[i] ?? 0n;
      const last = seen[i] ?? 0n;
      if (now > last) grew = true;
      if (now >= last) continue;
      const bits = this.#width(i, last);
      const further = turned(last, now, bits);
      const most = allowed ? limit(allowed, schema, i) : HALF_TURN;
      canHaveTurned &&= further <= most && further <= ceiling;
      canHaveTurnedTwice ||= allowed !== undefined && further + (1n << BigInt(bits)) <= most;
    }
    if (canHaveTurned && (grew || this.#grew || allowed !== undefined))
      return canHaveTurnedTwice ? "ambiguous" : "turned";
    return grew ? "fell" : "restart";
  }
}

/** Every counter that does not count bytes counts packets, or things of which a packet has at most one. */
function limit({ bytes, packets }: Allowance, schema: Schema, index: number): bigint {
  return schema.statistics[index]?.name.includes("bytes") ? bytes : packets;
}
