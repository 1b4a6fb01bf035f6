/**
 * Events of routes, rules, addresses and settings (RTNLGRP_* of rtnetlink(7)), on a socket apart from that of links, so that a storm of routes
 * cannot push out the last counters of a link. Addresses are told one by one; of routes only that they are to be asked for again.
 */

import type { Libc } from "../../os/libc.ts";
import type { SourceEvent } from "../source.ts";
import { parseAddress } from "./address-message.ts";
import { NetlinkSocket, type ReceiveFrame } from "./netlink-socket.ts";
import type { Frame, Message } from "./netlink-wire.ts";
import { routeFilter } from "./route-filter.ts";
import { parseDefaultRoute } from "./route-message.ts";
import type { RoutingTables } from "./routing-tables.ts";
import { RT_TABLE_MAIN, RTM, RTNLGRP } from "./rtnetlink.ts";

/** What is lost here is only "ask again". */
const BUFFER_BYTES = 256 * 1024;
/** Datagrams taken at one go, so that a flood cannot hold the event loop. */
const BURST = 16_384;

export class RouteWatch {
  readonly #tables: RoutingTables;
  #socket: NetlinkSocket | undefined;
  #routesStale = false;
  #addressesStale = false;

  constructor(tables: RoutingTables) {
    this.#tables = tables;
  }

  /** @throws SourceError */
  open(libc: Libc, room: ReceiveFrame): void {
    const socket = new NetlinkSocket(libc, room);
    this.#socket = socket;
    socket.enlargeBuffer(BUFFER_BYTES);
    socket.tryFilter(routeFilter());
    for (const group of [RTNLGRP.IPV4_IFADDR, RTNLGRP.IPV6_IFADDR, RTNLGRP.IPV4_ROUTE, RTNLGRP.IPV6_ROUTE]) {
      socket.subscribe(group);
    }
    const { NEXTHOP, IPV4_RULE, IPV6_RULE, IPV4_NETCONF, IPV6_NETCONF } = RTNLGRP;
    for (const group of [NEXTHOP, IPV4_RULE, IPV6_RULE, IPV4_NETCONF, IPV6_NETCONF]) socket.trySubscribe(group);
  }

  /** @returns false where the socket cannot be watched */
  listen(readable: () => void): boolean {
    return this.#socket?.watch(readable) ?? false;
  }

  /** Whether routes or addresses are to be asked for again. */
  get isStale(): boolean {
    return this.#routesStale || this.#addressesStale;
  }

  routesChanged(): void {
    this.#routesStale = true;
  }

  /**
   * The link's carrier or its IPv4 addresses have changed. Without a route event the kernel then marks its next hops dead or alive, or drops
   * their routes (fib_sync_down_dev): with the carrier, and with the last address, as when a lease ends. A route that comes is an event.
   */
  nextHopsChanged(ifindex: number): void {
    if (this.#tables.leadOver(ifindex)) this.#routesStale = true;
  }

  allChanged(): void {
    this.#routesStale = true;
    this.#addressesStale = true;
  }

  /** What is to be asked for again, since the last call. */
  takeStale(): SourceEvent[] {
    const events: SourceEvent[] = [];
    if (this.#routesStale) events.push({ kind: "routes" });
    if (this.#addressesStale) events.push({ kind: "addresses" });
    this.#routesStale = false;
    this.#addressesStale = false;
    return events;
  }

  /** Takes what waits, or a burst of it. @returns the addresses that came or went @throws SourceError */
  take(): SourceEvent[] {
    const addresses: SourceEvent[] = [];
    for (let count = 0; count < BURST; count++) {
      const received = this.#socket?.receive((frame, message) => {
        const { type } = message;
        if (type === RTM.NEWADDR || type === RTM.DELADDR) {
          const address = parseAddress(frame, message);
          if (!address) return;
          addresses.push({ kind: "address", address, present: type === RTM.NEWADDR });
          if (address.family !== "ipv4") return;
          this.nextHopsChanged(address.ifindex);
          // Routes whose source it was, over whichever link, are dropped: by older kernels without a route event (fib_sync_down_addr).
          if (type === RTM.DELADDR) this.routesChanged();
        } else this.#take(frame, message);
      });
      if (received === "overflow" || received === "cut") {
        this.#tables.othersChanged();
        this.allChanged();
      } else if (received !== "message") break;
    }
    return addresses;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** A message of a route, a next hop or a rule. */
  #take(frame: Frame, message: Message): void {
    const { type } = message;
    const isNexthop = type === RTM.NEWNEXTHOP || type === RTM.DELNEXTHOP;
    const isRule = type === RTM.NEWRULE || type === RTM.DELRULE;
    const isSetting = type === RTM.NEWNETCONF; // ignore_routes_with_linkdown is one
    const table = isNexthop || isRule || isSetting ? undefined : parseDefaultRoute(frame, message)?.table;
    if (isNexthop || isRule || isSetting || table !== undefined) this.#routesStale = true;
    if (isRule || (table !== undefined && table !== RT_TABLE_MAIN)) this.#tables.othersChanged();
  }
}
