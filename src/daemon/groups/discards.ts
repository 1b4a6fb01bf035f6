/**
 * Packets that a group's members discarded while they were members: what was wanted of a link and found no room in it (norcvbuf, noxmtbuf).
 * The engine adds up fifteen statistics as the illumos kernel does, and these are none of them; so they are added up here in the same way,
 * departed members' share plus present members', since the program started.
 */

import type { Schema } from "../../kstat/schema.ts";

/** Undefined: no member's system tells it. */
export interface Discards {
  readonly in: bigint | undefined;
  readonly out: bigint | undefined;
}

/** What is looked at of a link. */
export interface CountedLink {
  readonly schema: Schema;
  readonly settled: { readonly counters: BigUint64Array };
}

const NONE: Discards = { in: undefined, out: undefined };

export class GroupDiscards {
  #departed = NONE;
  readonly #atJoin = new Map<CountedLink, Discards>();

  joined(link: CountedLink): void {
    this.#atJoin.set(link, of(link));
  }

  left(link: CountedLink): void {
    this.#departed = plus(this.#departed, this.#share(link));
    this.#atJoin.delete(link);
  }

  /** Of members that left and of those that are there. */
  total(): Discards {
    let total = this.#departed;
    for (const link of this.#atJoin.keys()) total = plus(total, this.#share(link));
    return total;
  }

  #share(link: CountedLink): Discards {
    const now = of(link);
    const then = this.#atJoin.get(link) ?? NONE;
    return { in: minus(now.in, then.in), out: minus(now.out, then.out) };
  }
}

function of({ schema, settled: { counters } }: CountedLink): Discards {
  const value = (name: string): bigint | undefined => {
    const index = schema.indexOf(name);
    return index === undefined ? undefined : counters[index];
  };
  return { in: value("norcvbuf"), out: value("noxmtbuf") };
}

function plus(a: Discards, b: Discards): Discards {
  const sum = (x: bigint | undefined, y: bigint | undefined) => (x === undefined ? y : y === undefined ? x : x + y);
  return { in: sum(a.in, b.in), out: sum(a.out, b.out) };
}

function minus(now: bigint | undefined, then: bigint | undefined): bigint | undefined {
  return now === undefined ? undefined : now - (then ?? now);
}
