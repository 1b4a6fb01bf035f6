/** One link of the system as the daemon knows it: what it is, its settled counters, and the kstat `link:<instance>:<name>` that shows them. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Kstat } from "../../kstat/kstat.ts";
import type { Registry } from "../../kstat/registry.ts";
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

export interface LinkTableOptions {
  /** Name of the source whose links these are. */
  readonly source: string;
  /** Instance of their kstats: 0 for this host, so that two sources may have links of one name. */
  readonly instance: number;
  /** Statistics of each link. */
  readonly schema: Schema;
}

/** The links of one source by ifindex, each with a kstat under its name. */
export class LinkTable {
  readonly #links = new Map<number, Link>();
  readonly #kstats: Registry;
  readonly schema: Schema;
  /** Name of the source. */
  readonly source: string;
  readonly #instance: number;

  constructor(kstats: Registry, { source, instance, schema }: LinkTableOptions) {
    this.#kstats = kstats;
    this.source = source;
    this.#instance = instance;
    this.schema = schema;
  }

  get(ifindex: number): Link | undefined {
    return this.#links.get(ifindex);
  }

  get size(): number {
    return this.#links.size;
  }

  /** In the order of appearance. */
  [Symbol.iterator](): IterableIterator<Link> {
    return this.#links.values();
  }

  /** A link that was not there before, with counters that began at `crtime`. */
  add(attributes: LinkAttributes, settled: SettledLink, crtime: Hrtime): Link {
    const link = new Link(this.source, attributes, settled, this.#createKstat(attributes.name, settled, crtime));
    this.#links.set(attributes.ifindex, link);
    return link;
  }

  /** Takes over what the system says now. The kstat follows a new name and keeps its beginning. */
  update(link: Link, attributes: LinkAttributes, now: Hrtime): void {
    const before = link.attributes;
    link.attributes = attributes;
    const { masterIfindex } = attributes;
    if (masterIfindex === undefined) link.enslaved = undefined;
    else if (masterIfindex !== before.masterIfindex)
      link.enslaved = { masterIfindex, counters: link.settled.counters.slice() };
    if (attributes.operState !== before.operState) link.lastChange = now;
    if (attributes.name === before.name) return;
    this.#kstats.delete(link.kstat);
    link.rename(this.#createKstat(attributes.name, link.settled, link.crtime));
  }

  delete(link: Link): void {
    this.#links.delete(link.ifindex);
    this.#kstats.delete(link.kstat);
  }

  /**
   * Another link that is still known by that name: names were exchanged, or one was given on, and its own news is yet to
   * come (the links were listed after events were lost).
   */
  holderOf(name: string, ifindex: number): Link | undefined {
    const kstat = this.#kstats.lookup("link", this.#instance, name);
    if (!kstat || this.#links.get(ifindex)?.kstat === kstat) return undefined;
    return [...this.#links.values()].find((link) => link.kstat === kstat);
  }

  /** Moves a link's kstat to a name that no system gives, until the link's own news comes. */
  setAside(link: Link): void {
    this.#kstats.delete(link.kstat);
    link.rename(this.#createKstat(`\u0000${link.ifindex}`, link.settled, link.crtime));
  }

  #createKstat(name: string, settled: SettledLink, crtime: Hrtime): Kstat {
    const id = { module: "link", instance: this.#instance, name, class: "net" };
    const kstat = this.#kstats.create({ id, schema: this.schema, crtime });
    if (!kstat) throw new Error(`Cannot create kstat "link:${this.#instance}:${name}": another link has that name`);
    kstat.values = settled.counters;
    return kstat;
  }
}
