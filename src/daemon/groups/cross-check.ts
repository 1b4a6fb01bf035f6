/**
 * Compares our sum of a group with the system's own, ipmp:0:<ifname> of kstat(8). The system's is read before the links are. So it is at
 * most what we add up afterwards, and at least what we had added up before: when neither holds, a member came or went unseen, or a
 * counter of the system fell. Where the system has counted more, the difference goes to the departed members' share, as far as is certain.
 */

import { NET_COUNT, NET_STATISTICS } from "../../kstat/net.ts";

/** How much the system has counted beyond our sum, at least and at most; undefined: no bound is known. */
interface Bounds {
  least: bigint | undefined;
  most: bigint | undefined;
}

export interface CrossCheckResult {
  readonly agrees: boolean;
  /** Whether it agreed until now. */
  readonly isNews: boolean;
  /** Statistics that contradict, by name. */
  readonly contradicted: readonly string[];
  /** What is missing in our sum, in the order of NET_STATISTICS. */
  readonly missing: BigUint64Array;
}

const COUNTERS = NET_STATISTICS.flatMap(({ name, bits, kind }, slot) =>
  kind === "counter" ? [{ name, bits, slot }] : [],
);

export class CrossCheck {
  #agreesSinceMs: number | undefined;
  #disagreements = 0n;
  #isLookedAt = false;
  #bounds: Bounds[] = [];
  #before: BigUint64Array | undefined;
  #members = "";

  /** Milliseconds since 1970: since when every look agreed; undefined while it does not, or was not looked at. */
  get agreesSinceMs(): number | undefined {
    return this.#agreesSinceMs;
  }

  /** Times that a look did not agree. */
  get disagreements(): bigint {
    return this.#disagreements;
  }

  /** Whether it was ever looked at. */
  get isLookedAt(): boolean {
    return this.#isLookedAt;
  }

  /**
   * One look, after the links have been read. `ours` are our totals in 64 bits, `theirs` the system's values as it shows them, `members` says
   * who is a member: whoever comes or goes, what is carried around that moment is not known to us.
   */
  look(ours: BigUint64Array, theirs: BigUint64Array, members: string, wallMs: number): CrossCheckResult {
    const isSameSet = this.#before !== undefined && members === this.#members;
    const contradicted: string[] = [];
    const missing = new BigUint64Array(NET_COUNT);
    let isBelow = false;
    for (const { name, bits, slot } of COUNTERS) {
      const now = ours[slot] ?? 0n;
      const system = widened(theirs[slot] ?? 0n, now, bits);
      const known = this.#bounds[slot];
      const least = system - now;
      const most = isSameSet ? system - (this.#before?.[slot] ?? 0n) : undefined;
      const bounds = isSameSet ? narrowed(known, least, most) : { least, most };
      if (!bounds) contradicted.push(name);
      const held = bounds ?? { least, most };
      const raise = held.least !== undefined && held.least > 0n ? held.least : 0n;
      missing[slot] = raise;
      if (held.most !== undefined && held.most < 0n) isBelow = true;
      this.#bounds[slot] = {
        least: held.least === undefined ? undefined : held.least - raise,
        most: held.most === undefined ? undefined : held.most - raise,
      };
    }
    this.#before = BigUint64Array.from(ours, (value, slot) => value + (missing[slot] ?? 0n));
    this.#members = members;
    return { ...this.#judge(contradicted, isBelow, wallMs), contradicted, missing };
  }

  #judge(contradicted: readonly string[], isBelow: boolean, wallMs: number) {
    const wasAgreed = this.#agreesSinceMs !== undefined || !this.#isLookedAt;
    this.#isLookedAt = true;
    const agrees = contradicted.length === 0 && !isBelow;
    if (!agrees) {
      this.#disagreements++;
      this.#agreesSinceMs = undefined;
    } else this.#agreesSinceMs ??= wallMs;
    return { agrees, isNews: !agrees && wasAgreed };
  }
}

/** A value of the system in 64 bits: of those that a 32-bit one can stand for, the nearest to ours, once we have one. */
function widened(theirs: bigint, ours: bigint, bits: 32 | 64): bigint {
  return bits === 64 || ours === 0n ? theirs : ours + BigInt.asIntN(32, theirs - ours);
}

/** Both bounds together; undefined when they contradict. */
function narrowed(known: Bounds | undefined, least: bigint, most: bigint | undefined): Bounds | undefined {
  const atLeast = known?.least !== undefined && known.least > least ? known.least : least;
  const atMost = known?.most !== undefined && (most === undefined || known.most < most) ? known.most : most;
  return atMost !== undefined && atLeast > atMost ? undefined : { least: atLeast, most: atMost };
}
