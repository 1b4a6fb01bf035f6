/**
 * Readings of one link, made into counters that never run backwards. A link is the one that the system created, not its
 * name: a link that is deleted and made again starts a new one of these, and so a new kstat with a new crtime.
 *
 * The kernel's engine has no such stage; its group counters fall when a driver resets (ipmp.c trusts the link kstat). Here
 * the arithmetic of src/ipmp stays the kernel's, and what would disturb it is settled before it gets there.
 */

/** Why a reading could not simply be continued. */
export type ResetReason =
  /** All counters began again: the driver or the hardware was reset. What was carried since is counted. */
  | "restart"
  /** Some counters fell and others did not. Those that fell stand still until they are next seen to grow. */
  | "fell";

export class SettledLink {
  /** Settled counters, in the order of the source's schema. Read only; the owner copies them. */
  readonly counters: BigUint64Array;
  /** The source's own numbers, as last seen. Read only. */
  readonly seen: BigUint64Array;

  /**
   * `first` is where the link's counters stand when it is first seen. `counters` are settled ones of an earlier run that
   * rest on `first`, and go on from there.
   */
  constructor(first: BigUint64Array, counters = first) {
    this.counters = counters.slice();
    this.seen = first.slice();
  }

  /**
   * Numbers that came with an event. They are as of the event, so a reading taken since may be larger: the larger counts,
   * and a smaller one says nothing. This is also the rule for the last counters of a deleted link, because a veth's
   * RTM_DELLINK says 0 for what it received.
   */
  atLeast(delivered: BigUint64Array): void {
    const { counters, seen } = this;
    for (let i = 0; i < seen.length; i++) {
      const now = delivered[i] ?? 0n;
      const last = seen[i] ?? 0n;
      if (now <= last) continue;
      counters[i] = (counters[i] ?? 0n) + (now - last);
      seen[i] = now;
    }
  }

  /** Numbers read just now. Answers why, when they do not continue the last ones. */
  read(reading: BigUint64Array): ResetReason | undefined {
    const reset = this.#resetIn(reading);
    const { counters, seen } = this;
    for (let i = 0; i < seen.length; i++) {
      const now = reading[i] ?? 0n;
      const last = seen[i] ?? 0n;
      // A counter that began again at zero has carried `now` since; of one that merely fell nobody can say.
      const moved = now >= last ? now - last : reset === "restart" ? now : 0n;
      counters[i] = (counters[i] ?? 0n) + moved;
      seen[i] = now;
    }
    return reset;
  }

  #resetIn(reading: BigUint64Array): ResetReason | undefined {
    const { seen } = this;
    let fell = false;
    let grew = false;
    for (let i = 0; i < seen.length; i++) {
      const now = reading[i] ?? 0n;
      const last = seen[i] ?? 0n;
      if (now < last) fell = true;
      else if (now > last) grew = true;
    }
    return fell ? (grew ? "fell" : "restart") : undefined;
  }
}
