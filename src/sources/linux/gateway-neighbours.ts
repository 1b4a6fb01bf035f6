/**
 * The MACs of gateways, from the kernel's neighbour table (RTM_GETNEIGH of rtnetlink(7)): whether routers of two uplinks are one. Asked for
 * with the routes, and where default routes lead to gateways over several links alone; from then on events of the table tell of a change.
 */

import type { Libc } from "../../os/libc.ts";
import { type DefaultRoute, SourceError } from "../source.ts";
import { type Neighbour, neighbourDumpRequest, parseNeighbour } from "./neighbour-message.ts";
import type { NetlinkRequests } from "./netlink-requests.ts";
import { NetlinkSocket, type ReceiveFrame } from "./netlink-socket.ts";
import { RTNLGRP } from "./rtnetlink.ts";

/** Datagrams taken at one go, so that a flood cannot hold the event loop. */
const BURST = 16_384;

export class GatewayNeighbours {
  readonly #libc: Libc;
  readonly #room: ReceiveFrame;
  readonly #requests: NetlinkRequests;
  readonly #readable: () => void;
  #socket: NetlinkSocket | undefined;
  /** By {@link keyOf}, each gateway with its MAC as last told: a router that falls silent leaves the table, and was that one all the same. */
  #known = new Map<string, string | undefined>();

  /** `readable` is called when there may be news to take. */
  constructor(libc: Libc, room: ReceiveFrame, requests: NetlinkRequests, readable: () => void) {
    this.#libc = libc;
    this.#room = room;
    this.#requests = requests;
    this.#readable = readable;
  }

  /** The routes with the MACs of their gateways, as far as these are known. */
  complete(routes: readonly DefaultRoute[]): readonly DefaultRoute[] {
    const hops = routes.flatMap(({ nextHops }) => nextHops).filter(({ gateway }) => gateway !== undefined);
    if (new Set(hops.map(({ ifindex }) => ifindex)).size < 2) {
      this.close();
      return routes;
    }
    this.#known = new Map(
      hops.map(({ ifindex, gateway = "" }) => {
        const key = keyOf({ ifindex, address: gateway });
        return [key, this.#known.get(key)];
      }),
    );
    this.#list(routes);
    return routes.map((route) => ({
      ...route,
      nextHops: route.nextHops.map((hop) => {
        const gatewayLladdr = this.#known.get(keyOf({ ifindex: hop.ifindex, address: hop.gateway ?? "" }));
        return gatewayLladdr === undefined ? hop : { ...hop, gatewayLladdr };
      }),
    }));
  }

  /** Takes what waits, or a burst of it. @returns whether the MAC of a gateway is another one */
  take(): boolean {
    let isNews = false;
    for (let count = 0; count < BURST; count++) {
      const received = this.#socket?.receive((frame, message) => {
        if (this.#learn(parseNeighbour(frame, message))) isNews = true;
      });
      if (received === "overflow" || received === "cut") isNews = true;
      else if (received !== "message") break;
    }
    return isNews;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#known.clear();
  }

  #list(routes: readonly DefaultRoute[]): void {
    try {
      this.#open(); // first: what happens between the two is told twice rather than never
      for (const family of new Set(routes.map((route) => route.family))) {
        const told = this.#requests.list("RTM_GETNEIGH", neighbourDumpRequest(family), parseNeighbour);
        for (const neighbour of told) this.#learn(neighbour);
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error; // routes are to be had without it
    }
  }

  #open(): void {
    if (this.#socket) return;
    const socket = new NetlinkSocket(this.#libc, this.#room);
    socket.trySubscribe(RTNLGRP.NEIGH);
    socket.watch(this.#readable);
    this.#socket = socket;
  }

  /** @returns whether it is news of a gateway */
  #learn(neighbour: Neighbour | undefined): boolean {
    if (neighbour?.lladdr === undefined) return false;
    const key = keyOf(neighbour);
    if (!this.#known.has(key) || this.#known.get(key) === neighbour.lladdr) return false;
    this.#known.set(key, neighbour.lladdr);
    return true;
  }
}

function keyOf({ ifindex, address }: Pick<Neighbour, "ifindex" | "address">): string {
  return `${ifindex} ${address}`;
}
