/** One link of the system as the daemon knows it: what it is, its settled counters, and the kstat `link:0:<name>` that shows them. */

import type { Hrtime } from "../kstat/hrtime.ts";
import type { Kstat } from "../kstat/kstat.ts";
import type { Registry } from "../kstat/registry.ts";
import type { Schema } from "../kstat/schema.ts";
import type { SettledLink } from "../settling/settled-link.ts";
import type { LinkAddress, LinkAttributes } from "../sources/source.ts";

export class Link {
  attributes: LinkAttributes;
  addresses: readonly LinkAddress[] = [];
  /** When operState last changed. */
  lastChange: Hrtime;
  readonly settled: SettledLink;
  readonly crtime: Hrtime;
  #kstat: Kstat;

  constructor(attributes: LinkAttributes, settled: SettledLink, kstat: Kstat) {
    this.attributes = attributes;
    this.settled = settled;
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

  get kstat(): Kstat {
    return this.#kstat;
  }

  /** Only for LinkTable: the kstat under a new name, with the same beginning. */
  rename(kstat: Kstat): void {
    this.#kstat = kstat;
  }
}

/** All links by ifindex, each with a kstat under its name. */
export class LinkTable {
  readonly #links = new Map<number, Link>();
  readonly #kstats: Registry;
  readonly schema: Schema;

  constructor(kstats: Registry, schema: Schema) {
    this.#kstats = kstats;
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
    const link = new Link(attributes, settled, this.#createKstat(attributes.name, settled, crtime));
    this.#links.set(attributes.ifindex, link);
    return link;
  }

  /** Takes over what the system says now. The kstat follows a new name and keeps its beginning. */
  update(link: Link, attributes: LinkAttributes, now: Hrtime): void {
    const before = link.attributes;
    link.attributes = attributes;
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
    const kstat = this.#kstats.lookup("link", 0, name);
    if (!kstat || this.#links.get(ifindex)?.kstat === kstat) return undefined;
    return [...this.#links.values()].find((link) => link.kstat === kstat);
  }

  /** Moves a link's kstat to a name that no system gives, until the link's own news comes. */
  setAside(link: Link): void {
    this.#kstats.delete(link.kstat);
    link.rename(this.#createKstat(`\u0000${link.ifindex}`, link.settled, link.crtime));
  }

  #createKstat(name: string, settled: SettledLink, crtime: Hrtime): Kstat {
    const id = { module: "link", instance: 0, name, class: "net" };
    const kstat = this.#kstats.create({ id, schema: this.schema, crtime });
    if (!kstat) throw new Error(`Cannot create kstat "link:0:${name}": another link has that name`);
    kstat.values = settled.counters;
    return kstat;
  }
}
