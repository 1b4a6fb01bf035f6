/**
 * Bonds as they change without an event. The kernel announces when a slave is taken into use or out of it, but not that an up or
 * down delay has begun, that an LACP partner has fallen silent on a slave that waits, or that a churn machine has given up; and it
 * shows churn states, and to root the partner of each slave, only in /proc/net/bonding. So links that may be in such a state are
 * asked for again from time to time, and the files read.
 */

import { join } from "node:path";
import type { PortAttributes } from "../../link/aggregate.ts";
import { type LinkAttributes, sameAttributes } from "../../link/link-attributes.ts";
import { readBondingFiles } from "./bonding-folder.ts";

/** What the file says of a slave and netlink does not. */
const ONLY_IN_FILE = [
  "partnerLladdr",
  "partnerKey",
  "actorChurn",
  "partnerChurn",
  "actorChurnedCount",
  "partnerChurnedCount",
] as const satisfies readonly (keyof PortAttributes)[];

export class BondWatch {
  readonly #net: string;
  /** Links that have to be asked for again, by ifindex, as last told. */
  readonly #told = new Map<number, LinkAttributes>();
  /** Modes of bonds by ifindex, as far as these tell them. */
  readonly #modes = new Map<number, string | undefined>();
  /** Slaves by name, as the files have them; undefined until they are read. */
  #slaves: ReadonlyMap<string, PortAttributes> | undefined;

  /** @param procfs where it is mounted */
  constructor(procfs: string) {
    this.#net = join(procfs, "self", "net");
  }

  /** Links that have to be asked for again. */
  get watched(): readonly number[] {
    return [...this.#told.values()].filter((link) => this.#isWatched(link)).map(({ ifindex }) => ifindex);
  }

  /** The files are read again, once, when something of them is next wanted. */
  refresh(): void {
    this.#slaves = undefined;
  }

  /** The link with what only a file says of it; remembered when it has to be asked for again. */
  complete(link: LinkAttributes): LinkAttributes {
    const completed = this.#withFile(link);
    if (link.aggregate) this.#modes.set(link.ifindex, link.aggregate.mode);
    if (this.#isWatched(link)) this.#told.set(link.ifindex, completed);
    else this.#told.delete(link.ifindex);
    return completed;
  }

  /** Whether that is news about a link. To be asked before {@link complete} remembers it. */
  isNews(link: LinkAttributes): boolean {
    const told = this.#told.get(link.ifindex);
    return told === undefined || !sameAttributes(told, this.#withFile(link));
  }

  forget(ifindex: number): void {
    this.#told.delete(ifindex);
    this.#modes.delete(ifindex);
  }

  #isWatched(link: LinkAttributes): boolean {
    return hasLacp(link) || isDelayed(link) || this.#mayHaveLacp(link);
  }

  /** A slave of an LACP bond has no aggregator at first; and it may be told before its bond. */
  #mayHaveLacp({ port, masterIfindex = 0 }: LinkAttributes): boolean {
    return port?.kind === "bond" && (!this.#modes.has(masterIfindex) || this.#modes.get(masterIfindex) === "802.3ad");
  }

  #withFile(link: LinkAttributes): LinkAttributes {
    const { name, port } = link;
    if (port?.aggregator === undefined) return link;
    this.#slaves ??= this.#read();
    const slave = this.#slaves.get(name);
    if (slave === undefined) return link;
    return { ...link, port: { ...port, ...Object.fromEntries(ONLY_IN_FILE.map((key) => [key, slave[key]])) } };
  }

  #read(): Map<string, PortAttributes> {
    return new Map([...readBondingFiles(this.#net, () => undefined).values()].flatMap(({ ports }) => [...ports]));
  }
}

/** A slave is told of its aggregator in mode 802.3ad alone. */
function hasLacp({ aggregate, port }: LinkAttributes): boolean {
  return aggregate?.mode === "802.3ad" || port?.aggregator !== undefined;
}

/** Whether the bond has not followed the link's carrier: a delay may be running. */
function isDelayed({ running, port }: LinkAttributes): boolean {
  return port?.miiStatus !== undefined && (port.miiStatus === "up") !== running;
}
