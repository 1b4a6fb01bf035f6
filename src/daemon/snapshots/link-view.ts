/** A link in a snapshot: what can change is copied, and its counters become a kstat when somebody asks for it, which few readers do. */

import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { KstatReading } from "../../kstat/kstat.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { LinkId } from "../../link/link-id.ts";
import type { LinkSnapshot } from "../../snapshot/snapshot.ts";
import type { Link } from "../links/link.ts";

/** The counters of all links of a snapshot, one after the other; `at` is when they were read. */
export interface CounterBlock {
  readonly words: BigUint64Array;
  readonly at: Hrtime;
}

export class LinkView implements LinkSnapshot {
  readonly id: LinkId;
  readonly attributes: LinkAttributes;
  readonly addresses: readonly LinkAddress[];
  readonly group: string | undefined;
  readonly lacks: ReadonlySet<string> | undefined;
  readonly readAt: Hrtime;
  readonly lastChange: Hrtime;
  readonly #named: Link["kstat"];
  readonly #block: CounterBlock;
  readonly #offset: number;

  /** Copies the counters of now into the block, from word `offset` on. */
  constructor(link: Link, group: string | undefined, block: CounterBlock, offset: number) {
    this.id = link.id;
    this.attributes = link.attributes;
    this.addresses = link.addresses;
    this.group = group;
    this.lacks = link.lacks;
    this.readAt = hrtime(link.settled.seenAt);
    this.lastChange = link.lastChange;
    this.#named = link.kstat;
    this.#block = block;
    this.#offset = offset;
    block.words.set(link.settled.counters, offset);
  }

  get kstat(): KstatReading {
    const { id, crtime, schema } = this.#named;
    const { words, at } = this.#block;
    const values = words.subarray(this.#offset, this.#offset + (schema?.statistics.length ?? 0));
    return { id, crtime, snaptime: at, schema, values };
  }
}
