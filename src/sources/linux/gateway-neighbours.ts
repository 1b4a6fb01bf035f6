/**
 * What the kernel's neighbour table (RTM_GETNEIGH of rtnetlink(7)) says of gateways: their MACs, and so whether routers of two uplinks are
 * one; and who does not answer, so that the kernel leaves his next hop out. Asked for with the routes, and where default routes lead to
 * gateways over several links alone; from then on events of the table tell of a change.
 */

import type { Libc } from "../../os/libc.ts";
import { type DefaultRoute, type NextHop, SourceError } from "../source.ts";
import { type Neighbour, neighbourDumpRequest, parseNeighbour } from "./neighbour-message.ts";
import type { NetlinkRequests } from "./netlink-requests.ts";
import { NetlinkSocket, type ReceiveFrame } from "./netlink-socket.ts";
import { readProcText } from "./proc-text.ts";
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
  /** Keys of gateways that did not answer, until they do: an entry that has failed is forgotten after a while, and asked for again. */
  readonly #silent = new Set<string>();

  /** `readable` is called when there may be news to take. */
  constructor(libc: Libc, room: ReceiveFrame, requests: NetlinkRequests, readable: () => void) {
    this.#libc = libc;
    this.#room = room;
    this.#requests = requests;
    this.#readable = readable;
  }

  /** The routes with the MACs of their gateways, as far as these are known, and dead next hops where the kernel leaves one out that is silent. */
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
    for (const key of this.#silent) if (!this.#known.has(key)) this.#silent.delete(key);
    return routes.map((route) => ({ ...route, nextHops: route.nextHops.map((hop) => this.#completeHop(hop, route)) }));
  }

  #completeHop(hop: NextHop, route: DefaultRoute): NextHop {
    if (hop.gateway === undefined) return hop;
    const key = keyOf({ ifindex: hop.ifindex, address: hop.gateway });
    const gatewayLladdr = this.#known.get(key);
    const isLeftOut = !hop.dead && this.#silent.has(key) && isLeftOutWhileSilent(hop, route);
    return {
      ...hop,
      ...(gatewayLladdr === undefined ? {} : { gatewayLladdr }),
      ...(isLeftOut ? { dead: true, unanswered: true } : {}),
    };
  }

  /** Takes what waits, or a burst of it. @returns whether the MAC of a gateway is another one, or it has fallen silent or answered */
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
    this.#silent.clear();
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
    if (neighbour === undefined) return false;
    const { lladdr, isSilent } = neighbour;
    const key = keyOf(neighbour);
    if (!this.#known.has(key)) return false;
    const isOther = lladdr !== undefined && this.#known.get(key) !== lladdr;
    if (isOther) this.#known.set(key, lladdr);
    const hasTurned = lladdr !== undefined ? this.#silent.delete(key) : isSilent && !this.#silent.has(key);
    if (isSilent) this.#silent.add(key);
    return isOther || hasTurned;
  }
}

function keyOf({ ifindex, address }: Pick<Neighbour, "ifindex" | "address">): string {
  return `${ifindex} ${address}`;
}

/**
 * Whether the kernel leaves the next hop out while its gateway does not answer: one of a nexthop group always; of an IPv4 multipath route
 * where net.ipv4.fib_multipath_use_neigh is set (fib_select_multipath); of IPv6, among several paths, on a host that does not forward
 * (ip6_pol_route asks for RT6_LOOKUP_F_REACHABLE).
 */
function isLeftOutWhileSilent({ needsAnswer }: NextHop, { family, nextHops, advertised }: DefaultRoute): boolean {
  if (needsAnswer) return true;
  const hasOthers = nextHops.length > 1 || advertised !== undefined;
  if (!hasOthers) return false;
  return family === "ipv4"
    ? setting("ipv4/fib_multipath_use_neigh") === "1"
    : setting("ipv6/conf/all/forwarding") === "0";
}

/** A setting of our network namespace (sysctl(8)); none where /proc is not to be read. */
function setting(name: string): string | undefined {
  return readProcText(`/proc/sys/net/${name}`)?.trim();
}
