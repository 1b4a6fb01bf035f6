/**
 * Linux links through rtnetlink: counters by one RTM_GETSTATS dump when somebody asks, everything else from the events of
 * the kernel, after one RTM_GETLINK dump. Needs no privilege.
 *
 * Link events, route and address events (route-watch.ts), and requests with their answers (netlink-requests.ts) have a socket each; so have
 * neighbour events where default routes lead over several links (gateway-neighbours.ts), changes of teams where there are any (team-watch.ts), and
 * the questions for speeds (ethtool.ts).
 */

import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { Libc } from "../../os/libc.ts";
import type { DefaultRoute, LinkState, Source, SourceEvent } from "../source.ts";
import { addressDumpRequest, parseAddress } from "./address-message.ts";
import { CounterReader } from "./counter-reader.ts";
import { GatewayNeighbours } from "./gateway-neighbours.ts";
import { LinkAccount } from "./link-account.ts";
import { LINK_SCHEMA } from "./link-counters.ts";
import { type LinkMessage, linkDumpRequest, parseLink, parseNewLink } from "./link-message.ts";
import type { LldpOptions } from "./lldp-watch.ts";
import { NetlinkRequests } from "./netlink-requests.ts";
import { type Dumped, NetlinkSocket, ReceiveFrame } from "./netlink-socket.ts";
import type { Frame, Message } from "./netlink-wire.ts";
import { joinResync, type LinkEvent } from "./resync.ts";
import { RouteWatch } from "./route-watch.ts";
import { RoutingTables } from "./routing-tables.ts";
import { RTM, RTNLGRP } from "./rtnetlink.ts";

/** Room for some 7,000 link events where the kernel grants it; an unprivileged process usually gets 180 (rmem_max). */
const LINK_BUFFER_BYTES = 8 * 1024 * 1024;
/** Datagrams taken at one go, so that a flood cannot hold the event loop. */
const BURST = 16_384;
/** Events kept for a daemon that does not drain; beyond it they are dropped and the links are listed anew. */
const QUEUE_LIMIT = 16_384;
/** Lists of all links per overflow, when events overflow again while the links are being listed. */
const RESYNC_ATTEMPTS = 3;
/** How long to wait before links are listed again that changed while they were listed. */
const LIST_AGAIN_MS = 250;
/** How often links are asked for of which a bond may know more than it announces: LACP's fast rate. */
const BOND_INTERVAL_MS = 1000;
/** How often the sockets are looked at where they cannot be watched. The kernel queues: nothing is lost, only later. */
const LOOK_INTERVAL_MS = 100;

export interface NetlinkOptions {
  /** Where they are mounted, for the little that netlink does not tell. */
  readonly procfs: string;
  readonly sysfs: string;
  /** Left out, nobody is asked for neighbours. */
  readonly lldp?: LldpOptions;
}

export class NetlinkSource implements Source {
  readonly name = LOCAL;
  readonly kind = "netlink";
  readonly schema = LINK_SCHEMA;
  readonly deliversEvents = true;

  readonly #libc: Libc;
  readonly #room = new ReceiveFrame();
  readonly #requests: NetlinkRequests;
  readonly #tables: RoutingTables;
  readonly #routes: RouteWatch;
  readonly #neighbours: GatewayNeighbours;
  readonly #account: LinkAccount;
  readonly #counters: CounterReader;
  #queue: SourceEvent[] = [];
  #wake: () => void = () => {};
  #links: NetlinkSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listAgain: NodeJS.Timeout | undefined;
  #bondTimer: NodeJS.Timeout | undefined;
  /** What was said not to be looked at, each once. */
  readonly #limits = new Set<string>();
  /** Why links must be listed anew; "" for the first time. */
  #unsynced: string | undefined;

  constructor(libc: Libc, { procfs, sysfs, lldp = { client: undefined, socket: undefined } }: NetlinkOptions) {
    this.#libc = libc;
    this.#requests = new NetlinkRequests(libc, this.#room);
    this.#counters = new CounterReader(this.#requests);
    this.#tables = new RoutingTables(this.#requests);
    this.#routes = new RouteWatch(this.#tables);
    this.#neighbours = new GatewayNeighbours(libc, this.#room, this.#requests, () => this.#receive());
    const carrierChanged = (ifindex: number) => this.#routes.nextHopsChanged(ifindex); // the next hops over it are others too
    this.#account = new LinkAccount(libc, { procfs, sysfs, lldp, carrierChanged });
  }

  open(wake: () => void): void {
    this.#wake = wake;
    try {
      this.#account.open(
        () => this.#receive(),
        (cause) => this.#tellLimit(cause),
      );
      this.#links = new NetlinkSocket(this.#libc, this.#room);
      this.#links.enlargeBuffer(LINK_BUFFER_BYTES);
      this.#links.subscribe(RTNLGRP.LINK);
      this.#routes.open(this.#libc, this.#room);
      this.#unsynced = "";
      this.#resync(); // after the subscription: what happens between the two is told twice rather than never
      this.#listen();
      setImmediate(() => this.#receive());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  drain(): SourceEvent[] {
    this.#take();
    const events = this.#queue;
    this.#queue = [];
    events.push(...this.#routes.takeStale());
    return events;
  }

  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    this.#counters.read(visit);
  }

  askAgain(ifindexes: readonly number[]): void {
    for (const ifindex of ifindexes) this.#queue.push(...this.#askSpeed(ifindex));
    if (this.#queue.length > 0) setImmediate(() => this.#receive());
  }

  defaultRoutes(): readonly DefaultRoute[] | undefined {
    const nameOf = (ifindex: number) => this.#account.nameOf(ifindex) ?? `link ${ifindex}`;
    this.#tables.tellOthers(nameOf, (cause) => this.#tellLimit(cause));
    return this.#neighbours.complete(this.#tables.defaultRoutes());
  }

  addresses(): readonly LinkAddress[] | undefined {
    return this.#requests.list("RTM_GETADDR", addressDumpRequest(), (frame, message) =>
      message.type === RTM.NEWADDR ? parseAddress(frame, message) : undefined,
    );
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#listAgain);
    clearInterval(this.#bondTimer);
    this.#links?.close();
    this.#links = undefined;
    this.#routes.close();
    this.#neighbours.close();
    this.#requests.close();
    this.#account.close();
    this.#queue = [];
    this.#unsynced = undefined;
    this.#wake = () => {};
  }

  #listen(): void {
    const receive = () => this.#receive();
    const watched = this.#links?.watch(receive) && this.#routes.listen(receive);
    if (!watched) this.#timer = setInterval(receive, LOOK_INTERVAL_MS).unref();
  }

  /** Asks only while there is something to ask for. */
  #watchBonds(): void {
    if (this.#account.hasSilentBonds) {
      this.#bondTimer ??= setInterval(() => this.#askBonds(), BOND_INTERVAL_MS).unref();
      return;
    }
    clearInterval(this.#bondTimer);
    this.#bondTimer = undefined;
  }

  /** What a bond has not announced becomes an event like any other. */
  #askBonds(): void {
    this.#receive(); // what has been announced comes first
    this.#queue.push(...this.#account.askSilentBonds(this.#requests).map(linkSeen));
    if (this.#queue.length > 0) this.#wake();
  }

  /** Called by the event loop: takes what there is and tells the daemon. */
  #receive(): void {
    if (this.#links === undefined) return;
    try {
      this.#take();
    } catch {
      // `drain` tries again, and its caller hears of an error that lasts.
    }
    if (this.#queue.length > 0 || this.#routes.isStale || this.#unsynced !== undefined) this.#wake();
  }

  /**
   * Puts what waits on the sockets into the queue.
   * @throws SourceError Nothing that was received is lost by it; what was not is made up for by a list of all links at the next call.
   */
  #take(): void {
    try {
      this.#takeAll();
    } catch (error) {
      this.#unsynced ??= "events could not be received";
      throw error;
    }
  }

  #takeAll(): void {
    // Read first and delivered last: the kernel tells of a link before it tells of its addresses.
    const addresses = this.#routes.take();
    const { events, overflow } = this.#takeLinks();
    this.#queue.push(...events, ...addresses);
    if (overflow !== undefined) this.#unsynced = overflow;
    if (this.#neighbours.take()) this.#routes.routesChanged();
    if (this.#queue.length > QUEUE_LIMIT) {
      this.#queue = this.#queue.filter(({ kind }) => kind === "limit"); // each is told once, and in no list
      this.#unsynced = `more than ${QUEUE_LIMIT} events were waiting to be drained`;
    }
    if (this.#unsynced !== undefined) this.#resync();
    for (const link of this.#account.takeNews()) this.#queue.push({ kind: "link", link, counters: undefined });
    this.#watchBonds();
  }

  /** Lists all links and joins the list with what has happened meanwhile. */
  #resync(): void {
    for (let attempt = 1; this.#unsynced !== undefined && attempt <= RESYNC_ATTEMPTS; attempt++) {
      const gap = this.#unsynced === "" ? undefined : this.#unsynced;
      const known = this.#account.ifindexes;
      const { links, dumped } = this.#listLinks();
      const { events, overflow } = this.#takeLinks();
      const joined = joinResync(gap, links, events, (ifindex) => known.has(ifindex));
      this.#routes.allChanged();
      if (dumped === "interrupted") {
        // What is listed is there; what is not may be there all the same. So it is no list of all, which is still to come.
        this.#queue.push(...joined.flatMap((event) => (event.kind === "resync" ? event.links.map(linkSeen) : [event])));
        this.#unsynced = overflow ?? this.#unsynced;
        clearTimeout(this.#listAgain);
        this.#listAgain = setTimeout(() => this.#receive(), LIST_AGAIN_MS).unref();
        return;
      }
      this.#queue.push(...joined);
      this.#unsynced = overflow;
    }
  }

  #listLinks(): { links: LinkState[]; dumped: Dumped } {
    let messages: LinkMessage[] = [];
    const dumped = this.#requests.dump(
      "RTM_GETLINK",
      linkDumpRequest(),
      () => {
        messages = [];
      },
      (frame, message) => {
        const link = parseNewLink(frame, message);
        if (link !== undefined) messages.push(link);
      },
    );
    const there = new Set(messages.map(({ ifindex }) => ifindex));
    for (const ifindex of this.#account.ifindexes) {
      if (dumped === "whole" && !there.has(ifindex)) this.#forget(ifindex);
    }
    this.#account.refreshFiles();
    return {
      links: messages.map((message) => ({ link: this.#complete(message), counters: message.counters })),
      dumped,
    };
  }

  /** Everything that waits on the link socket, or a burst of it. `overflow`: what was lost, if anything was. */
  #takeLinks(): { events: LinkEvent[]; overflow: string | undefined } {
    const events: LinkEvent[] = [];
    let overflow: string | undefined;
    this.#account.refreshFiles();
    try {
      for (let count = 0; count < BURST; count++) {
        const received = this.#links?.receive((frame, message) => {
          events.push(...this.#linkEvents(frame, message));
        });
        // After a loss there are still messages from before it.
        if (received === "overflow") overflow = "the kernel dropped link events: the receive buffer was full";
        else if (received === "cut") overflow = "a link event could not be read whole";
        else if (received !== "message") break;
      }
    } catch (error) {
      this.#queue.push(...events);
      throw error;
    }
    return { events, overflow };
  }

  #linkEvents(frame: Frame, message: Message): readonly LinkEvent[] {
    if (message.type !== RTM.NEWLINK && message.type !== RTM.DELLINK) return [];
    const parsed = parseLink(frame, message);
    if (parsed === undefined) return [];
    const { ifindex, name, counters } = parsed;
    if (message.type === RTM.DELLINK) {
      this.#forget(ifindex);
      this.#routes.routesChanged();
      return [{ kind: "gone", ifindex, name, counters }];
    }
    const link = this.#complete(parsed);
    const { masterIfindex } = parsed;
    const master = masterIfindex === undefined ? [] : this.#askSpeed(masterIfindex); // a bond is as fast as its slaves
    return [{ kind: "link", link, counters }, ...master];
  }

  /** The link of a message, with all that is told of it elsewhere. */
  #complete(message: LinkMessage): LinkAttributes {
    if (this.#tables.linkIs(message.ifindex, message.name, message.vrfTable)) this.#routes.routesChanged();
    return this.#account.complete(message);
  }

  #forget(ifindex: number): void {
    this.#tables.linkIs(ifindex, "", undefined);
    this.#account.forget(ifindex);
  }

  #askSpeed(ifindex: number): readonly LinkEvent[] {
    const changed = this.#account.refreshSpeed(ifindex);
    return changed ? [changed] : [];
  }

  #tellLimit(cause: string): void {
    if (this.#limits.has(cause)) return;
    this.#limits.add(cause);
    this.#queue.push({ kind: "limit", cause });
    setImmediate(() => this.#receive()); // whoever asked is draining no more
  }
}

function linkSeen({ link, counters }: LinkState): LinkEvent {
  return { kind: "link", link, counters };
}
