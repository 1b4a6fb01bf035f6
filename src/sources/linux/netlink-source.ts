/**
 * Linux links through rtnetlink: counters by one RTM_GETSTATS dump when somebody asks, everything else from the events of
 * the kernel, after one RTM_GETLINK dump. Needs no privilege.
 *
 * Three sockets: link events; route and address events, apart so that a storm of routes cannot push out the last counters of
 * a link; and requests with their answers.
 */

import type { AddressFamily, LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import { ERRNO, type Libc } from "../../os/libc.ts";
import type { DefaultRoute, LinkState, Source, SourceEvent } from "../source.ts";
import { SourceError } from "../source.ts";
import { addressDumpRequest, parseAddress } from "./address-message.ts";
import { BondWatch } from "./bond-watch.ts";
import { CounterTable } from "./counter-table.ts";
import { hasDevice } from "./device-file.ts";
import { Ethtool } from "./ethtool.ts";
import { copyCounters, LINK_SCHEMA } from "./link-counters.ts";
import {
  findLinkCounters,
  flagAttributes,
  type LinkMessage,
  linkDumpRequest,
  linkRequest,
  parseLink,
} from "./link-message.ts";
import { type Dumped, NetlinkError, NetlinkSocket, ReceiveFrame } from "./netlink-socket.ts";
import { type Frame, type Message, payloadEnd, payloadStart, u32 } from "./netlink-wire.ts";
import { NexthopTable, nexthopDumpRequest } from "./nexthop-message.ts";
import { joinResync, type LinkEvent } from "./resync.ts";
import { routeFilter } from "./route-filter.ts";
import { mergeRoutes, parseDefaultRoute, type RouteMessage, routeDumpRequest } from "./route-message.ts";
import { RT_TABLE_MAIN, RTM, RTNLGRP } from "./rtnetlink.ts";
import { parseTableRule, ruleDumpRequest, type TableRule } from "./rule-message.ts";
import { findStats, statsDumpRequest } from "./stats-message.ts";
import { TeamWatch } from "./team-watch.ts";

/** Room for some 7,000 link events where the kernel grants it; an unprivileged process usually gets 180 (rmem_max). */
const LINK_BUFFER_BYTES = 8 * 1024 * 1024;
/** What is lost here is only "ask again". */
const ROUTE_BUFFER_BYTES = 256 * 1024;
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

/** What is asked apart from the events. Driver and device are kept until the link's name or running state changes. */
interface Details {
  readonly name: string;
  readonly running: boolean;
  readonly adminUp: boolean;
  readonly driver: string | undefined;
  readonly hasDevice: boolean;
  readonly speedBitsPerSecond: number | undefined;
}

export class NetlinkSource implements Source {
  readonly name = LOCAL;
  readonly kind = "netlink";
  readonly schema = LINK_SCHEMA;
  readonly deliversEvents = true;

  readonly #libc: Libc;
  readonly #sysfs: string;
  readonly #bonds: BondWatch;
  readonly #teams: TeamWatch;
  readonly #details = new Map<number, Details>();
  readonly #counters = new CounterTable(LINK_SCHEMA.statistics.length);
  readonly #room = new ReceiveFrame();
  readonly #nexthops = new NexthopTable();
  #queue: SourceEvent[] = [];
  #wake: () => void = () => {};
  #links: NetlinkSocket | undefined;
  #routes: NetlinkSocket | undefined;
  #requests: NetlinkSocket | undefined;
  #ethtool: Ethtool | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listAgain: NodeJS.Timeout | undefined;
  #bondTimer: NodeJS.Timeout | undefined;
  #statsMissing = false;
  #routesStale = false;
  #addressesStale = false;
  /** Whether rules, or tables that they may lead to, have changed. */
  #tablesStale = true;
  /** What was said not to be looked at, each once. */
  readonly #limits = new Set<string>();
  /** Why links must be listed anew; "" for the first time. */
  #unsynced: string | undefined;

  /** Where procfs and sysfs are mounted, for the little that netlink does not tell. */
  constructor(libc: Libc, { procfs, sysfs }: { readonly procfs: string; readonly sysfs: string }) {
    this.#libc = libc;
    this.#sysfs = sysfs;
    this.#bonds = new BondWatch(procfs);
    this.#teams = new TeamWatch(libc);
  }

  open(wake: () => void): void {
    this.#wake = wake;
    try {
      this.#ethtool = new Ethtool(this.#libc);
      this.#links = new NetlinkSocket(this.#libc, this.#room);
      this.#links.enlargeBuffer(LINK_BUFFER_BYTES);
      this.#links.subscribe(RTNLGRP.LINK);
      this.#routes = new NetlinkSocket(this.#libc, this.#room);
      this.#routes.enlargeBuffer(ROUTE_BUFFER_BYTES);
      this.#routes.tryFilter(routeFilter());
      for (const group of [RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR, RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV6_ROUTE]) {
        this.#routes.subscribe(group);
      }
      for (const group of [RTNLGRP.NEXTHOP, RTNLGRP.IPV4_RULE, RTNLGRP.IPV6_RULE]) this.#routes.trySubscribe(group);
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
    if (this.#routesStale) events.push({ kind: "routes" });
    if (this.#addressesStale) events.push({ kind: "addresses" });
    this.#routesStale = false;
    this.#addressesStale = false;
    return events;
  }

  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    if (!this.#statsMissing) {
      try {
        this.#readCounters("RTM_GETSTATS", statsDumpRequest(), findStats);
      } catch (error) {
        // Kernels before 4.7 and sandboxes that know only the older requests.
        if (!refused(error, ERRNO.EOPNOTSUPP, ERRNO.EINVAL)) throw error;
        this.#statsMissing = true;
      }
    }
    if (this.#statsMissing) this.#readCounters("RTM_GETLINK", linkDumpRequest(), findLinkCounters);
    this.#counters.visit(visit); // only when the answer is complete: `visit` may throw
  }

  askAgain(ifindexes: readonly number[]): void {
    for (const ifindex of ifindexes) this.#askSpeed(ifindex);
    if (this.#queue.length > 0) setImmediate(() => this.#receive());
  }

  defaultRoutes(): readonly DefaultRoute[] | undefined {
    try {
      if (this.#tablesStale) this.#lookAtOtherTables();
    } catch (error) {
      // Only something to say is lost, until the next question; the routes of table main are to be had all the same.
      if (!(error instanceof SourceError)) throw error;
    }
    return [...mergeRoutes(this.#defaultRoutes("ipv4")), ...mergeRoutes(this.#defaultRoutes("ipv6"))];
  }

  addresses(): readonly LinkAddress[] | undefined {
    let addresses: LinkAddress[] = [];
    const dumped = this.#dump(
      "RTM_GETADDR",
      addressDumpRequest(),
      () => {
        addresses = [];
      },
      (frame, message) => {
        const address = message.type === RTM.NEWADDR ? parseAddress(frame, message) : undefined;
        if (address !== undefined) addresses.push(address);
      },
    );
    mustBeWhole(dumped, "addresses");
    return addresses;
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#listAgain);
    clearInterval(this.#bondTimer);
    this.#links?.close();
    this.#routes?.close();
    this.#requests?.close();
    this.#ethtool?.close();
    this.#teams.close();
    this.#links = undefined;
    this.#routes = undefined;
    this.#requests = undefined;
    this.#ethtool = undefined;
    this.#details.clear();
    this.#queue = [];
    this.#wake = () => {};
  }

  #readCounters(what: string, ask: Frame, find: (frame: Frame, message: Message) => number | undefined): void {
    const table = this.#counters;
    this.#dump(
      what,
      ask,
      () => table.clear(),
      (frame, message) => {
        const at = find(frame, message);
        if (at === undefined) return;
        const row = table.add(u32(frame, message.start + 4)); // ifindex is the second word of both kinds
        copyCounters(frame, payloadStart(at), payloadEnd(frame, at), table.words, row);
      },
    );
  }

  #listen(): void {
    const receive = () => this.#receive();
    this.#teams.listen(receive);
    const watched = this.#links?.watch(receive) && this.#routes?.watch(receive);
    if (!watched) this.#timer = setInterval(receive, LOOK_INTERVAL_MS).unref();
  }

  /** Asks only while there is something to ask for. */
  #watchBonds(): void {
    if (this.#bonds.watched.length > 0) {
      this.#bondTimer ??= setInterval(() => this.#askBonds(), BOND_INTERVAL_MS).unref();
      return;
    }
    clearInterval(this.#bondTimer);
    this.#bondTimer = undefined;
  }

  /** What a bond has not announced becomes an event like any other. */
  #askBonds(): void {
    this.#receive(); // what has been announced comes first
    this.#bonds.refresh();
    for (const ifindex of this.#bonds.watched) {
      try {
        this.#dump(
          "RTM_GETLINK",
          linkRequest(ifindex),
          () => {},
          (frame, message) => {
            const link = message.type === RTM.NEWLINK ? parseLink(frame, message) : undefined;
            if (link?.ifindex !== ifindex) return;
            const described = this.#describe(link);
            if (!this.#bonds.isNews(described)) return;
            this.#queue.push({ kind: "link", link: this.#bonds.complete(described), counters: link.counters });
          },
        );
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        this.#bonds.forget(ifindex); // it is gone, or the kernel will not answer: the next event about it tells
      }
    }
    if (this.#queue.length > 0) this.#wake();
  }

  /** Called by the event loop: takes what there is and tells the daemon. */
  #receive(): void {
    if (this.#links === undefined) return;
    try {
      this.#take();
    } catch {
      // `drain` meets the same error and its caller hears of it.
      this.#unsynced ??= "events could not be received";
    }
    if (this.#queue.length > 0 || this.#routesStale || this.#addressesStale || this.#unsynced !== undefined)
      this.#wake();
  }

  #take(): void {
    // Read first and delivered last: the kernel tells of a link before it tells of its addresses.
    const addresses = this.#takeRoutes();
    const { events, overflow } = this.#takeLinks();
    this.#queue.push(...events, ...addresses);
    if (overflow !== undefined) this.#unsynced = overflow;
    if (this.#queue.length > QUEUE_LIMIT) {
      this.#queue = [];
      this.#unsynced = `more than ${QUEUE_LIMIT} events were waiting to be drained`;
    }
    if (this.#unsynced !== undefined) this.#resync();
    for (const link of this.#teams.take()) this.#queue.push({ kind: "link", link, counters: undefined });
    this.#watchBonds();
  }

  /** Lists all links and joins the list with what has happened meanwhile. */
  #resync(): void {
    for (let attempt = 1; this.#unsynced !== undefined && attempt <= RESYNC_ATTEMPTS; attempt++) {
      const gap = this.#unsynced === "" ? undefined : this.#unsynced;
      const known = new Set(this.#details.keys());
      const { links, dumped } = this.#listLinks();
      const { events, overflow } = this.#takeLinks();
      const joined = joinResync(gap, links, events, (ifindex) => known.has(ifindex));
      this.#routesStale = true;
      this.#addressesStale = true;
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
    const dumped = this.#dump(
      "RTM_GETLINK",
      linkDumpRequest(),
      () => {
        messages = [];
      },
      (frame, message) => {
        const link = message.type === RTM.NEWLINK ? parseLink(frame, message) : undefined;
        if (link !== undefined) messages.push(link);
      },
    );
    const there = new Set(messages.map(({ ifindex }) => ifindex));
    for (const ifindex of this.#details.keys()) {
      if (dumped === "whole" && !there.has(ifindex)) this.#details.delete(ifindex);
    }
    this.#bonds.refresh();
    return {
      links: messages.map((message) => ({ link: this.#complete(this.#describe(message)), counters: message.counters })),
      dumped,
    };
  }

  /** Everything that waits on the link socket, or a burst of it. `overflow`: what was lost, if anything was. */
  #takeLinks(): { events: LinkEvent[]; overflow: string | undefined } {
    const events: LinkEvent[] = [];
    let overflow: string | undefined;
    this.#bonds.refresh();
    for (let count = 0; count < BURST; count++) {
      const received = this.#links?.receive((frame, message) => {
        const event = this.#linkEvent(frame, message);
        if (event !== undefined) events.push(event);
      });
      // After a loss there are still messages from before it.
      if (received === "overflow") overflow = "the kernel dropped link events: the receive buffer was full";
      else if (received === "cut") overflow = "a link event could not be read whole";
      else if (received !== "message") break;
    }
    return { events, overflow };
  }

  #linkEvent(frame: Frame, message: Message): LinkEvent | undefined {
    if (message.type !== RTM.NEWLINK && message.type !== RTM.DELLINK) return undefined;
    const parsed = parseLink(frame, message);
    if (parsed === undefined) return undefined;
    const { ifindex, name, counters } = parsed;
    const before = this.#details.get(ifindex);
    if (message.type === RTM.DELLINK) {
      this.#details.delete(ifindex);
      this.#bonds.forget(ifindex);
      this.#teams.forget(ifindex);
      this.#routesStale = true;
      return { kind: "gone", ifindex, name, counters };
    }
    const link = this.#complete(this.#describe(parsed));
    if (parsed.masterIfindex !== undefined) this.#askSpeed(parsed.masterIfindex); // a bond is as fast as its slaves
    // The kernel marks a next hop dead, or drops a route, with its link and without a route event.
    if (before?.running !== link.running || before.adminUp !== link.adminUp) this.#routesStale = true;
    return { kind: "link", link, counters };
  }

  /** With what is told of bonds and teams elsewhere. */
  #complete(link: LinkAttributes): LinkAttributes {
    return this.#teams.complete(this.#bonds.complete(link));
  }

  #describe(message: LinkMessage): LinkAttributes {
    const { ifindex, name, alias, hardwareType, kind, lladdr, mtu, operState, masterIfindex, aggregate, port } =
      message;
    const { altNames, lowerIfindex } = message;
    const flags = flagAttributes(message.flags);
    const known = this.#details.get(ifindex);
    const same = known?.name === name && known.running === flags.running;
    const details: Details = {
      name,
      running: flags.running,
      adminUp: flags.adminUp,
      driver: same ? known.driver : this.#ethtool?.driver(name),
      hasDevice: same ? known.hasDevice : this.#hasDevice(message, flags.loopback),
      // Asked at every event: it may be set, or be known at last, while the link is up.
      speedBitsPerSecond: flags.running ? this.#ethtool?.speedBitsPerSecond(name) : undefined,
    };
    this.#details.set(ifindex, details);
    return {
      ifindex,
      name,
      alias,
      hardwareType,
      kind,
      driver: details.driver,
      hasDevice: details.hasDevice,
      lladdr,
      mtu,
      ...flags,
      operState,
      speedBitsPerSecond: details.speedBitsPerSecond,
      masterIfindex,
      altNames,
      lowerIfindex,
      aggregate,
      port,
    };
  }

  /** Asks for the speed of a link that is up, and tells it if it is another one. */
  #askSpeed(ifindex: number): void {
    const details = this.#details.get(ifindex);
    if (!details?.running) return;
    const speedBitsPerSecond = this.#ethtool?.speedBitsPerSecond(details.name);
    if (speedBitsPerSecond === details.speedBitsPerSecond) return;
    this.#details.set(ifindex, { ...details, speedBitsPerSecond });
    this.#queue.push({ kind: "speed", ifindex, speedBitsPerSecond });
  }

  #hasDevice({ parentDevice, kind, name, ifindex, lladdr }: LinkMessage, loopback: boolean): boolean {
    if (parentDevice !== undefined) return true;
    if (kind !== undefined || loopback) return false; // made by software
    return hasDevice(this.#sysfs, name, ifindex, lladdr);
  }

  /** Takes what waits on the socket of routes and addresses; addresses are told one by one, routes are to be asked for again. */
  #takeRoutes(): SourceEvent[] {
    const addresses: SourceEvent[] = [];
    for (let count = 0; count < BURST; count++) {
      const received = this.#routes?.receive((frame, message) => {
        const { type } = message;
        if (type === RTM.NEWADDR || type === RTM.DELADDR) {
          const address = parseAddress(frame, message);
          if (address) addresses.push({ kind: "address", address, present: type === RTM.NEWADDR });
        } else if (type === RTM.NEWNEXTHOP || type === RTM.DELNEXTHOP) this.#routesStale = true;
        else if (type === RTM.NEWRULE || type === RTM.DELRULE) this.#tablesChanged();
        else this.#routeChanged(parseDefaultRoute(frame, message));
      });
      if (received === "overflow" || received === "cut") {
        this.#tablesChanged();
        this.#addressesStale = true;
      } else if (received !== "message") break;
    }
    return addresses;
  }

  #routeChanged(route: RouteMessage | undefined): void {
    if (route?.table === RT_TABLE_MAIN) this.#routesStale = true;
    else if (route) this.#tablesChanged();
  }

  #tablesChanged(): void {
    this.#routesStale = true;
    this.#tablesStale = true;
  }

  /** Says of each table that rules lead to, beside main, that its default routes make no group. */
  #lookAtOtherTables(): void {
    const rules: TableRule[] = [];
    for (const family of ["ipv4", "ipv6"] as const) {
      const ask = ruleDumpRequest(family);
      rules.push(...this.#list("RULE", ask, (frame, message) => parseTableRule(frame, message)));
    }
    const seen = new Set<string>();
    for (const { family, table, priority } of rules) {
      if (seen.has(`${family} ${table}`)) continue;
      seen.add(`${family} ${table}`);
      const hops = this.#defaultRoutes(family, table).flatMap(({ nextHops }) => nextHops);
      if (hops.length > 0)
        this.#sayOnce(
          otherTable(
            family,
            table,
            priority,
            hops.map(({ ifindex }) => this.#nameOf(ifindex)),
          ),
        );
    }
    this.#tablesStale = false;
  }

  #nameOf(ifindex: number): string {
    return this.#details.get(ifindex)?.name ?? `link ${ifindex}`;
  }

  #sayOnce(cause: string): void {
    if (this.#limits.has(cause)) return;
    this.#limits.add(cause);
    this.#queue.push({ kind: "limit", cause });
    setImmediate(() => this.#receive()); // whoever asked is draining no more
  }

  /** Of one table. */
  #defaultRoutes(family: AddressFamily, table: number = RT_TABLE_MAIN): DefaultRoute[] {
    const routes = this.#list("ROUTE", routeDumpRequest(family, table), (frame, message) =>
      message.type === RTM.NEWROUTE ? parseDefaultRoute(frame, message) : undefined,
    ).filter((route) => route.family === family && route.table === table);
    if (routes.some(({ nexthopId }) => nexthopId !== undefined)) this.#listNexthops();
    return routes.flatMap(({ nexthopId, table: _, ...route }) => {
      const nextHops = nexthopId === undefined ? route.nextHops : this.#nexthops.resolve(nexthopId);
      return nextHops.length > 0 ? [{ ...route, nextHops }] : [];
    });
  }

  #listNexthops(): void {
    const begin = () => this.#nexthops.clear();
    const add = (frame: Frame, message: Message) => this.#nexthops.add(frame, message);
    mustBeWhole(this.#dump("RTM_GETNEXTHOP", nexthopDumpRequest(), begin, add), "next hops");
  }

  /** What `parse` makes of each message of the answer to RTM_GET`what`. Nothing where the kernel does not know the question. */
  #list<T>(what: string, ask: Frame, parse: (frame: Frame, message: Message) => T | undefined): T[] {
    let found: T[] = [];
    const begin = () => {
      found = [];
    };
    const take = (frame: Frame, message: Message) => {
      const parsed = parse(frame, message);
      if (parsed !== undefined) found.push(parsed);
    };
    try {
      mustBeWhole(this.#dump(`RTM_GET${what}`, ask, begin, take), `${what.toLowerCase()}s`);
    } catch (error) {
      // A kernel without IPv6 or without rules, a namespace whose table nobody has used.
      if (!refused(error, ERRNO.EOPNOTSUPP, ERRNO.EAFNOSUPPORT, ERRNO.ENOENT)) throw error;
      return [];
    }
    return found;
  }

  /** @throws SourceError */
  #dump(what: string, ask: Frame, begin: () => void, visit: (frame: Frame, message: Message) => void): Dumped {
    this.#requests ??= new NetlinkSocket(this.#libc, this.#room);
    try {
      return this.#requests.dump(what, ask, begin, visit);
    } catch (error) {
      if (error instanceof NetlinkError)
        throw new SourceError("netlink", `Cannot list: ${error.message}`, { cause: error });
      // The rest of the answer may still be coming: begin anew with a socket of its own.
      this.#requests.close();
      this.#requests = undefined;
      throw error;
    }
  }
}

function linkSeen({ link, counters }: LinkState): LinkEvent {
  return { kind: "link", link, counters };
}

/** @throws SourceError, so that the last answer stays and the question is asked again */
function mustBeWhole(dumped: Dumped, what: string): void {
  if (dumped === "interrupted") throw new SourceError("netlink", `Cannot list ${what}: they change all the while`);
}

function otherTable(family: AddressFamily, table: number, priority: number, devices: readonly string[]): string {
  return (
    `rule ${priority} leads to table ${table}, which has an ${FAMILY_NAMES[family]} default route over ` +
    `${[...new Set(devices)].join(", ")}: only routes of table main make a group; name such links under "groups"`
  );
}

const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** Whether the kernel answered with one of these. */
function refused(error: unknown, ...errnos: readonly number[]): boolean {
  return error instanceof SourceError && error.cause instanceof NetlinkError && errnos.includes(error.cause.errno);
}
