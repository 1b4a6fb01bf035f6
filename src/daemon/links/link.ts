/** One link of the system as the daemon knows it: what it is, its settled counters, and the kstat `link:<instance>:<name>` that shows them. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Kstat } from "../../kstat/kstat.ts";
import type { Schema } from "../../kstat/schema.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { type LinkId, linkLabel } from "../../link/link-id.ts";
import type { SettledLink } from "../../settling/settled-link.ts";

export class Link {
  readonly id: LinkId;
  attributes: LinkAttributes;
  addresses: readonly LinkAddress[] = [];
  /** When operState last changed. */
  lastChange: Hrtime;
  /** When it was seen to become part of a bond, a team or a bridge: which, and what it had counted by then. */
  enslaved: { readonly masterIfindex: number; readonly counters: BigUint64Array } | undefined = undefined;
  /** Why what is known of it is what was last seen: the system that it is of does not answer. */
  unanswered: string | undefined = undefined;
  readonly settled: SettledLink;
  /** Statistics that its system has of other links and not of this one; undefined where it has all. */
  readonly lacks: ReadonlySet<string> | undefined;
  readonly crtime: Hrtime;
  #kstat: Kstat;
  /** The label, and the name that it is made of: it is asked for often, and changes hardly ever. */
  #label = "";
  #labelled: string | undefined;

  constructor(source: string, attributes: LinkAttributes, settled: SettledLink, kstat: Kstat) {
    this.id = { source, ifindex: attributes.ifindex };
    this.attributes = attributes;
    this.settled = settled;
    this.lacks = lackedBy(settled);
    this.crtime = kstat.crtime;
    this.lastChange = kstat.crtime;
    this.#kstat = kstat;
  }

  get ifindex(): number {
    return this.attributes.ifindex;
  }

  get name(): string {
    return this.attributes.name;
  }

  /** Tells it from every other link of all sources, also when it gets another name. */
  get key(): string {
    return `${this.id.source} ${this.id.ifindex}`;
  }

  /** Its name among the links of all sources. */
  get label(): string {
    if (this.#labelled !== this.name) {
      this.#labelled = this.name;
      this.#label = linkLabel(this.id.source, this.name);
    }
    return this.#label;
  }

  /** Statistics of its counters, in their order. */
  get schema(): Schema {
    return this.settled.schema;
  }

  get kstat(): Kstat {
    return this.#kstat;
  }

  /** Only for LinkTable: the kstat under a new name, with the same beginning. */
  rename(kstat: Kstat): void {
    this.#kstat = kstat;
  }
}

function lackedBy({ bits, schema }: SettledLink): ReadonlySet<string> | undefined {
  if (typeof bits === "number" || !bits.includes(0)) return undefined;
  return new Set(schema.statistics.filter((_, slot) => bits[slot] === 0).map(({ name }) => name));
}
