import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Kstat } from "../../kstat/kstat.ts";
import type { Registry } from "../../kstat/registry.ts";
import type { Schema } from "../../kstat/schema.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { SettledLink } from "../../settling/settled-link.ts";
import { Link } from "./link.ts";

export interface LinkTableOptions {
  /** Name of the source whose links these are. */
  readonly source: string;
  /** Instance of their kstats: 0 for this host, so that two sources may have links of one name. */
  readonly instance: number;
  /** Statistics of each link. */
  readonly schema: Schema;
}

/** The links of one source by ifindex, each with its kstat `link:<instance>:<name>`. */
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
