/**
 * Whether the counters of 64 bits of a link count. Devices have been seen that tell 0 in them, or the same number for ever, while those of 32 bits
 * move. What tells is two looks at both: so a link that seems idle is looked at again now and then.
 */

import { counter32, counter64, type Varbind } from "./varbind.ts";

/** Polls in a row in which no octet was counted, after which both are looked at. */
const IDLE_POLLS = 20;

/** Octets in and out, in either width; undefined where the device does not have both. */
type Octets = readonly { readonly wide: bigint; readonly narrow: bigint }[];

export class WideCounters {
  #areStuck = false;
  /** As of the last look at a link that seems idle: one that counts needs no memory. */
  #octets: Octets | undefined;
  #seemsIdle = false;
  /** Octets as last polled. */
  #polled: bigint | undefined;
  #idlePolls: number;

  /** `at`: where the count of idle polls begins, so that not all links of a device are looked at in one poll. */
  constructor(at: number) {
    this.#idlePolls = at % IDLE_POLLS;
  }

  /** They stand still while those of 32 bits move. */
  get areStuck(): boolean {
    return this.#areStuck;
  }

  /** An answer with both. `columns`: of octets in and out. */
  look(
    value: (column: string) => Varbind | undefined,
    columns: readonly { readonly wide: string; readonly narrow: string }[],
  ): void {
    const octets = columns.flatMap(({ wide: wideColumn, narrow: narrowColumn }) => {
      const [wide, narrow] = [counter64(value(wideColumn)), counter32(value(narrowColumn))];
      return wide === undefined || narrow === undefined ? [] : [{ wide, narrow }];
    });
    const before = this.#octets;
    this.#octets = this.#seemsIdle ? octets : undefined;
    this.#areStuck ||= octets.some(({ wide, narrow }, n) => {
      const last = before?.[n];
      const moved = last !== undefined && before?.length === octets.length && last.narrow !== narrow;
      return wide === 0n ? narrow > 0n : moved && last.wide === wide;
    });
  }

  /** Octets of a poll, in and out together. Answers whether both widths are to be looked at again. */
  polled(octets: bigint): boolean {
    if (octets === this.#polled) this.#idlePolls++;
    else {
      this.#idlePolls = 0;
      this.#seemsIdle = false;
      this.#octets = undefined;
    }
    this.#polled = octets;
    if (this.#areStuck || this.#idlePolls < IDLE_POLLS) return false;
    this.#idlePolls = 0;
    this.#seemsIdle = true;
    return true;
  }
}
