/**
 * The fallback for a system without koffi or netlink: counters from /proc/self/net/dev, links from what /proc/self/net and
 * sysfs say, compared from look to look. What a link carries between the last look and its end is lost, and a flap
 * between two looks is not seen.
 */

import { readFileSync } from "node:fs";
import { machine, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { LinkAddress } from "../../link/link-address.ts";
import { type LinkAttributes, sameAttributes } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import { type DefaultRoute, type Source, SourceError, type SourceEvent } from "../source.ts";
import { readBondingFiles } from "./bonding-folder.ts";
import { type Interfaces, ipv4Addresses } from "./labeled-addresses.ts";
import { ARPHRD_ETHER, readIfindex, readLink, readLinkState } from "./link-files.ts";
import { linkNameBytes } from "./link-name.ts";
import { NET_DEV_SCHEMA, parseNetDev } from "./net-dev.ts";
import { numberLinks, parseIfindexes, parseSnmp6Ifindex, parseUpLinks } from "./proc-ifindex.ts";
import { readLines } from "./proc-lines.ts";
import { DEFAULT_IPV6_ROUTES, DEFAULT_ROUTES, parseIfInet6, parseIpv6Routes, parseRoutes } from "./proc-routes.ts";
import { readProcText } from "./proc-text.ts";
import { IFF } from "./rtnetlink.ts";
import { isOwnSysfs } from "./sysfs-namespace.ts";

const LOOK_INTERVAL_MS = 1000;
/** Links whose rarely changing attributes are read anew at each look, in turn: ten files each. */
const REFRESH_PER_LOOK = 16;

/** Looks from one comparison of routes and addresses to the next, at least: more where reading them takes long. */
const LOOKS_PER_ROUTES = 10;
/** Milliseconds of reading routes for which the next comparison is one look later: 2 % of the time, or more where a drain looks in between. */
const READING_MS_PER_LOOK = 20;

const ARPHRD_LOOPBACK = 772;

interface Known {
  readonly link: LinkAttributes;
  readonly counters: BigUint64Array;
}

export class ProcfsSource implements Source {
  readonly name = LOCAL;
  readonly kind = "procfs";
  readonly schema = NET_DEV_SCHEMA;
  /** Some drivers of a 32-bit kernel count in "unsigned long" (struct net_device_stats). */
  readonly counterBits: 32 | 64 = /^(arm|armv\d.*|i\d86|mips|mipsel|ppc|riscv32|s390)$/.test(machine()) ? 32 : 64;
  readonly deliversEvents = false;

  readonly #procfs: string;
  readonly #net: string;
  readonly #sysfs: string;
  readonly #interfaces: () => Interfaces;
  #links = new Map<number, Known>();
  #ifindexes = new Map<string, number>();
  #queue: SourceEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sysfsIsOurs = false;
  /** Position of the first link whose turn it is. */
  #turn = 0;
  #opened = false;
  /** Looks until routes and addresses are compared again. */
  #routesDueIn = 0;
  #routes = "";
  /** What was said not to be seen here, each once. */
  readonly #limits = new Set<string>();

  /**
   * @param procfs where procfs is mounted
   * @param sysfs where sysfs is mounted; used only if it shows the same links
   * @param interfaces IPv4 addresses, which no file of procfs ties to a link
   */
  constructor(procfs: string, sysfs: string, interfaces: () => Interfaces = networkInterfaces) {
    this.#procfs = procfs;
    this.#net = join(procfs, "self", "net");
    this.#sysfs = sysfs;
    this.#interfaces = interfaces;
  }

  open(wake: () => void): void {
    this.#look();
    this.#timer = setInterval(() => {
      try {
        this.#look();
      } catch {
        return; // `drain` meets the same error and its caller hears of it
      }
      if (this.#queue.length > 0) wake();
    }, LOOK_INTERVAL_MS).unref();
    setImmediate(() => {
      if (this.#timer !== undefined && this.#queue.length > 0) wake();
    });
  }

  drain(): SourceEvent[] {
    this.#look();
    const events = this.#queue;
    this.#queue = [];
    return events;
  }

  readCounters(visit: (ifindex: number, counters: BigUint64Array) => void): void {
    parseNetDev(this.#readNetDev(), (name, counters) => {
      const ifindex = this.#ifindexes.get(name); // a link that came since the last look has no number yet
      if (ifindex !== undefined) visit(ifindex, counters);
    });
  }

  defaultRoutes(): readonly DefaultRoute[] | undefined {
    const ipv4 = readLines(join(this.#net, "route"), DEFAULT_ROUTES);
    const ipv6 = readLines(join(this.#net, "ipv6_route"), DEFAULT_IPV6_ROUTES);
    if (ipv4 === undefined && ipv6 === undefined) return undefined;
    const ifindexOf = (name: string) => this.#ifindexes.get(name);
    const routes = parseRoutes(ipv4 ?? [], ifindexOf);
    if (routes.some(({ nextHops }) => nextHops.length > 0))
      this.#limit(
        `${this.#net}/route shows the first next hop of an IPv4 route alone: of a multipath default route the others are not seen`,
      );
    return [...routes, ...parseIpv6Routes(ipv6 ?? [], ifindexOf)];
  }

  addresses(): readonly LinkAddress[] | undefined {
    return [...ipv4Addresses(this.#interfaces(), this.#ifindexes), ...parseIfInet6(this.#read("if_inet6") ?? "")];
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
  }

  /** Compares what there is now with what there was, and queues the differences. */
  #look(): void {
    const rows = new Map<string, BigUint64Array>();
    parseNetDev(this.#readNetDev(), (name, counters) => rows.set(name, counters.slice()));
    const igmp = this.#read("igmp");
    const up = igmp === undefined ? undefined : parseUpLinks(igmp);
    const table = parseIfindexes({
      igmp: igmp ?? "",
      devMcast: this.#read("dev_mcast") ?? "",
      ifInet6: this.#read("if_inet6") ?? "",
    });
    const sameNames = rows.size === this.#ifindexes.size && [...rows.keys()].every((name) => this.#ifindexes.has(name));
    if (!sameNames) this.#sysfsIsOurs = isOwnSysfs(this.#sysfs, () => this.#readNetDev(), table);

    const links = new Map<number, Known>();
    const numberOf = (name: string) => table.get(name) ?? this.#ifindex(name);
    this.#ifindexes = numberLinks([...rows.keys()], numberOf, this.#ifindexes);
    const bonding = this.#readBonding();
    let position = 0;
    for (const [name, counters] of rows) {
      const ifindex = this.#ifindexes.get(name) ?? 0;
      const said = bonding.get(name);
      const joinedOrLeft = (said?.port === undefined) !== (this.#links.get(ifindex)?.link.port === undefined);
      const refresh = this.#isTurn(position++, rows.size) || joinedOrLeft;
      const described = this.#describe(name, ifindex, up === undefined || up.has(name), refresh);
      const inBond = said ?? described.aggregate ?? described.port;
      const link = inBond ? { ...described, aggregate: undefined, port: undefined, ...said } : described;
      links.set(ifindex, { link, counters });
    }
    this.#turn = (this.#turn + REFRESH_PER_LOOK) % Math.max(1, rows.size);
    this.#compare(links);
    this.#links = links;
    const unknown = [...links.values()].filter(({ link }) => link.multicast === undefined).map(({ link }) => link.name);
    if (unknown.length > 0) this.#limit(unknownBySysfs(this.#sysfs, unknown));
  }

  /** What the bonds say of themselves and of their slaves, by name of link. */
  #readBonding(): Map<string, Partial<LinkAttributes>> {
    const said = new Map<string, Partial<LinkAttributes>>();
    const ifindexOf = (name: string) => this.#ifindexes.get(name);
    for (const [bond, { aggregate, ports }] of readBondingFiles(this.#net, ifindexOf)) {
      const masterIfindex = ifindexOf(bond);
      if (masterIfindex === undefined) continue; // it came or went during this look
      said.set(bond, { ...said.get(bond), kind: "bond", aggregate });
      for (const [name, port] of ports) said.set(name, { ...said.get(name), masterIfindex, port });
    }
    return said;
  }

  #compare(links: ReadonlyMap<number, Known>): void {
    if (!this.#opened) {
      this.#opened = true;
      this.#queue.push({ kind: "resync", gap: undefined, links: [...links.values()] });
      this.#compareRoutes();
      return;
    }
    for (const [ifindex, { link, counters }] of this.#links) {
      if (!links.has(ifindex)) this.#queue.push({ kind: "gone", ifindex, name: link.name, counters });
    }
    for (const [ifindex, { link, counters }] of links) {
      const before = this.#links.get(ifindex)?.link;
      if (before === undefined || !sameAttributes(before, link)) this.#queue.push({ kind: "link", link, counters });
    }
    this.#compareRoutes();
  }

  /** Routing tables can be long and cannot be asked for a part: not at every look, unless a link has changed. */
  #compareRoutes(): void {
    if (this.#routesDueIn-- > 0 && this.#queue.length === 0) return;
    const began = performance.now();
    const routes = JSON.stringify([this.defaultRoutes(), this.addresses()]);
    this.#routesDueIn = Math.max(LOOKS_PER_ROUTES, (performance.now() - began) / READING_MS_PER_LOOK) - 1;
    if (routes !== this.#routes) this.#queue.push({ kind: "routes" }, { kind: "addresses" });
    this.#routes = routes;
  }

  /** Says once what cannot be seen here. */
  #limit(cause: string): void {
    if (this.#limits.has(cause)) return;
    this.#limits.add(cause);
    this.#queue.push({ kind: "limit", cause });
  }

  #ifindex(name: string): number | undefined {
    const fromSysfs = this.#sysfsIsOurs ? readIfindex(this.#sysfs, name) : undefined;
    return fromSysfs ?? parseSnmp6Ifindex(this.#read(join("dev_snmp6", name)) ?? "");
  }

  /** Whether it is one of those whose turn it is: from position `#turn` on, around the end of the list. */
  #isTurn(position: number, count: number): boolean {
    return (position - (this.#turn % count) + count) % count < REFRESH_PER_LOOK;
  }

  #describe(name: string, ifindex: number, up: boolean, refresh: boolean): LinkAttributes {
    const state = this.#sysfsIsOurs ? readLinkState(this.#sysfs, name) : undefined;
    const known = this.#links.get(ifindex)?.link;
    if (state === undefined) {
      const mtu = known && !refresh ? known.mtu : this.#mtu(name);
      return withoutSysfs(name, ifindex, up, mtu);
    }
    const adminUp = (state.flags & IFF.UP) !== 0;
    const same = known?.name === name && known.adminUp === adminUp && known.operState === state.operState;
    return same && !refresh ? known : readLink(this.#sysfs, name, ifindex, state);
  }

  #readNetDev(): Uint8Array {
    const path = join(this.#net, "dev");
    try {
      return readFileSync(path);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SourceError("procfs", `Cannot read "${path}": ${reason}`, { cause });
    }
  }

  /** IPv6's MTU of the link, which is the link's own unless a router has told a smaller one; 0 where that is not known either. */
  #mtu(name: string): number {
    const folder = Buffer.from(`${join(this.#procfs, "sys", "net", "ipv6", "conf")}/`);
    return Number(readProcText(Buffer.concat([folder, linkNameBytes(name), Buffer.from("/mtu")])) ?? 0);
  }

  #read(file: string): string | undefined {
    return readProcText(join(this.#net, file));
  }
}

/** All that /proc/self/net tells of a link: whether it is up. */
function withoutSysfs(name: string, ifindex: number, up: boolean, mtu: number): LinkAttributes {
  const loopback = name === "lo";
  return {
    ifindex,
    name,
    alias: "",
    hardwareType: loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
    kind: undefined,
    driver: undefined,
    hasDevice: false,
    lladdr: "",
    mtu,
    adminUp: up,
    running: up,
    loopback,
    pointToPoint: undefined,
    noArp: undefined,
    multicast: undefined,
    promiscuous: undefined,
    operState: up ? "unknown" : "down",
    speedBitsPerSecond: undefined,
    masterIfindex: undefined,
    aggregate: undefined,
    port: undefined,
  };
}

/** Names in a message; of more than these only how many. */
const NAMES_SAID = 5;

function unknownBySysfs(sysfs: string, names: readonly string[]): string {
  const others = names.length - NAMES_SAID;
  const of = `${names.slice(0, NAMES_SAID).join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
  return (
    `"${sysfs}" says nothing of ${of}: carrier, speed, MAC and flags are not known; ` +
    "such a link counts as running while it is up, and is not refused for a flag"
  );
}
