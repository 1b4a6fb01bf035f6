/**
 * A small operating system for tests: links with counters that are made, carry traffic, are renamed, moved and deleted, and
 * a source that reports them the way rtnetlink does, each event with the counters of its moment.
 */

import { Schema } from "#src/kstat/schema.js";
import type { LinkAddress } from "#src/link/link-address.js";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import type { DefaultRoute, Source, SourceEvent } from "#src/sources/source.js";

const STATISTICS = [
  "obytes",
  "obytes64",
  "rbytes",
  "rbytes64",
  "opackets",
  "opackets64",
  "ipackets",
  "ipackets64",
  "oerrors",
  "ierrors",
  "multircv",
] as const;

export const FAKE_SCHEMA = new Schema(STATISTICS.map((name) => ({ name, type: "uint64" })));

interface FakeLink {
  attributes: LinkAttributes;
  counters: BigUint64Array;
}

export class FakeSystem implements Source {
  readonly name = "local";
  readonly kind = "netlink";
  readonly schema = FAKE_SCHEMA;
  readonly deliversEvents = true;
  routes: readonly DefaultRoute[] | undefined = [];
  addressList: readonly LinkAddress[] = [];
  closed = false;
  /** ifindexes that were asked about again, by the time of asking. */
  readonly askedAgain: (readonly number[])[] = [];
  /** While set, a list of all links is interrupted after these: what is not told may be there all the same. */
  listedBeforeInterruption: readonly number[] | undefined;
  /** While set, the system answers nothing, with this as the reason. */
  fault: string | undefined;
  readonly #links = new Map<number, FakeLink>();
  #queue: SourceEvent[] = [];
  #wake: () => void = () => {};
  #nextIfindex = 1;

  /** Makes a link, up and running unless told otherwise; answers its ifindex. */
  add(name: string, attributes: Partial<LinkAttributes> = {}): number {
    const ifindex = this.#nextIfindex++;
    const link = {
      attributes: { ...aLink(name, ifindex), ...attributes },
      counters: new BigUint64Array(STATISTICS.length),
    };
    this.#links.set(ifindex, link);
    this.#report({ kind: "link", link: link.attributes, counters: link.counters.slice() });
    return ifindex;
  }

  /** Traffic: so many bytes and packets each way. No event, as in life. */
  carry(ifindex: number, bytes: bigint, packets = 1n): void {
    const { counters } = this.#link(ifindex);
    for (const [slot, name] of STATISTICS.entries()) {
      if (name.includes("bytes")) counters[slot] = (counters[slot] ?? 0n) + bytes;
      if (name.includes("packets")) counters[slot] = (counters[slot] ?? 0n) + packets;
    }
  }

  change(ifindex: number, attributes: Partial<LinkAttributes>): void {
    const link = this.#link(ifindex);
    link.attributes = { ...link.attributes, ...attributes };
    this.#report({ kind: "link", link: link.attributes, counters: link.counters.slice() });
  }

  /** Carrier lost or found. */
  setRunning(ifindex: number, running: boolean): void {
    this.change(ifindex, { running, operState: running ? "up" : "down" });
  }

  delete(ifindex: number): void {
    const { attributes, counters } = this.#link(ifindex);
    this.#links.delete(ifindex);
    this.#report({ kind: "gone", ifindex, name: attributes.name, counters: counters.slice() });
  }

  /** The driver starts all counters at zero again. */
  resetCounters(ifindex: number): void {
    this.#link(ifindex).counters.fill(0n);
  }

  setRoutes(routes: readonly DefaultRoute[]): void {
    this.routes = routes;
    this.#report({ kind: "routes" });
  }

  /** Forgets what is queued: the receiver was too slow. It is told so, with everything there is now. */
  loseEvents(): void {
    this.#queue = [this.#resync("the socket's buffer ran over")];
  }

  /** Lists all links after all. */
  listAgain(): void {
    this.listedBeforeInterruption = undefined;
    this.#report(this.#resync(undefined));
  }

  /** Tells an event as it is. */
  tell(event: SourceEvent): void {
    this.#report(event);
  }

  /** From now on events wait until somebody drains: the program is busy. */
  hold(): void {
    this.#wake = () => {};
  }

  open(wake: () => void): void {
    this.#wake = wake;
    this.#queue = [];
    if (!this.listedBeforeInterruption) this.#queue.push(this.#resync(undefined));
    for (const ifindex of this.listedBeforeInterruption ?? []) {
      const { attributes, counters } = this.#link(ifindex);
      this.#queue.push({ kind: "link", link: attributes, counters: counters.slice() });
    }
  }

  drain(): SourceEvent[] {
    this.#mayFail();
    const events = this.#queue;
    this.#queue = [];
    return events;
  }

  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    this.#mayFail();
    for (const [ifindex, { counters }] of this.#links) visit(ifindex, counters);
  }

  defaultRoutes(): readonly DefaultRoute[] | undefined {
    return this.routes;
  }

  askAgain(ifindexes: readonly number[]): void {
    this.askedAgain.push(ifindexes);
  }

  addresses(): readonly LinkAddress[] {
    return this.addressList;
  }

  close(): void {
    this.closed = true;
  }

  #mayFail(): void {
    if (this.fault !== undefined) throw new Error(this.fault);
  }

  #link(ifindex: number): FakeLink {
    const link = this.#links.get(ifindex);
    if (!link) throw new Error(`The fake system has no link ${ifindex}`);
    return link;
  }

  #resync(gap: string | undefined): SourceEvent {
    const links = Array.from(this.#links.values(), ({ attributes, counters }) => ({
      link: attributes,
      counters: counters.slice(),
    }));
    return { kind: "resync", gap, links };
  }

  #report(event: SourceEvent): void {
    this.#queue.push(event);
    this.#wake();
  }
}

/** An Ethernet link, up and running. */
export function aLink(name: string, ifindex: number): LinkAttributes {
  return {
    ifindex,
    name,
    alias: "",
    hardwareType: 1,
    kind: undefined,
    driver: undefined,
    hasDevice: true,
    lladdr: `02:00:00:00:00:${ifindex.toString(16).padStart(2, "0")}`,
    mtu: 1500,
    adminUp: true,
    running: true,
    operState: "up",
    loopback: false,
    pointToPoint: false,
    noArp: false,
    multicast: true,
    promiscuous: false,
    speedBitsPerSecond: 1_000_000_000,
    masterIfindex: undefined,
  };
}
