/**
 * The fallback for a system without koffi or netlink: counters from /proc/self/net/dev, links from what /proc/self/net and
 * sysfs say, compared from look to look. What a link carries between the last look and its end is lost, and a flap
 * between two looks is not seen.
 */

import { readdirSync, readFileSync } from "node:fs";
import { machine, type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import { type DefaultRoute, type Source, SourceError, type SourceEvent } from "../source.ts";
import { parseBondingFile } from "./bonding-file.ts";
import { reader, readIfindex, readLink, readLinkNames, readLinkState } from "./link-files.ts";
import { flagAttributes } from "./link-message.ts";
import { NET_DEV_SCHEMA, parseNetDev } from "./net-dev.ts";
import { madeUpIfindex, parseIfindexes, parseSnmp6Ifindex, parseUpLinks } from "./proc-ifindex.ts";
import { parseIfInet6, parseIpv6Routes, parseRoutes } from "./proc-routes.ts";
import { IFF } from "./rtnetlink.ts";

export const LOOK_INTERVAL_MS = 1000;
/** Links whose rarely changing attributes are read anew at each look, in turn: ten files each. */
const REFRESH_PER_LOOK = 16;

/** Looks from one comparison of routes and addresses to the next. */
const LOOKS_PER_ROUTES = 10;

const RBYTES = NET_DEV_SCHEMA.indexOf("rbytes64") ?? 0;
const OBYTES = NET_DEV_SCHEMA.indexOf("obytes64") ?? 0;

interface Known {
  readonly link: LinkAttributes;
  readonly counters: BigUint64Array;
}

type Interfaces = () => NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

export class ProcfsSource implements Source {
  readonly name = LOCAL;
  readonly kind = "procfs";
  readonly schema = NET_DEV_SCHEMA;
  /** Some drivers of a 32-bit kernel count in "unsigned long" (struct net_device_stats). */
  readonly counterBits: 32 | 64 = /^(arm|armv\d.*|i\d86|mips|mipsel|ppc|riscv32|s390)$/.test(machine()) ? 32 : 64;
  readonly deliversEvents = false;

  readonly #net: string;
  readonly #sysfs: string;
  readonly #interfaces: Interfaces;
  #links = new Map<number, Known>();
  #ifindexes = new Map<string, number>();
  #queue: SourceEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sysfsIsOurs = false;
  #turn = 0;
  #opened = false;
  #looks = 0;
  #routes = "";

  /**
   * @param procfs where procfs is mounted
   * @param sysfs where sysfs is mounted; used only if it shows the same links
   * @param interfaces IPv4 addresses, which no file of procfs ties to a link
   */
  constructor(procfs: string, sysfs: string, interfaces: Interfaces = networkInterfaces) {
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
    const ipv4 = this.#read("route");
    const ipv6 = this.#read("ipv6_route");
    if (ipv4 === undefined && ipv6 === undefined) return undefined;
    const ifindexOf = (name: string) => this.#ifindexes.get(name);
    return [...parseRoutes(ipv4 ?? "", ifindexOf), ...parseIpv6Routes(ipv6 ?? "", ifindexOf)];
  }

  addresses(): readonly LinkAddress[] | undefined {
    return [...this.#ipv4Addresses(), ...parseIfInet6(this.#read("if_inet6") ?? "")];
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
    const igmp = this.#read("igmp") ?? "";
    const up = parseUpLinks(igmp);
    const table = parseIfindexes({
      igmp,
      devMcast: this.#read("dev_mcast") ?? "",
      ifInet6: this.#read("if_inet6") ?? "",
    });
    const sameNames = rows.size === this.#ifindexes.size && [...rows.keys()].every((name) => this.#ifindexes.has(name));
    if (!sameNames) this.#sysfsIsOurs = this.#checkSysfs();

    const links = new Map<number, Known>();
    this.#ifindexes = new Map(
      Array.from(rows.keys(), (name) => [name, table.get(name) ?? this.#ifindex(name)] as const),
    );
    const bonding = this.#readBonding();
    let position = 0;
    for (const [name, counters] of rows) {
      const ifindex = this.#ifindexes.get(name) ?? 0;
      const said = bonding.get(name);
      const joinedOrLeft = (said?.port === undefined) !== (this.#links.get(ifindex)?.link.port === undefined);
      const refresh = this.#isTurn(position++, rows.size) || joinedOrLeft;
      const described = this.#describe(name, ifindex, up.has(name), refresh);
      const inBond = said ?? described.aggregate ?? described.port;
      const link = inBond ? { ...described, aggregate: undefined, port: undefined, ...said } : described;
      links.set(ifindex, { link, counters });
    }
    this.#turn += REFRESH_PER_LOOK;
    this.#compare(links);
    this.#links = links;
  }

  /** What the bonds say of themselves and of their slaves, by name of link. */
  #readBonding(): Map<string, Partial<LinkAttributes>> {
    const said = new Map<string, Partial<LinkAttributes>>();
    const ifindexOf = (name: string) => this.#ifindexes.get(name);
    for (const bond of this.#bonds()) {
      const { aggregate, ports } = parseBondingFile(this.#read(join("bonding", bond)) ?? "", ifindexOf);
      const masterIfindex = ifindexOf(bond);
      if (masterIfindex === undefined) continue; // it came or went during this look
      said.set(bond, { ...said.get(bond), kind: "bond", aggregate });
      for (const [name, port] of ports) said.set(name, { ...said.get(name), masterIfindex, port });
    }
    return said;
  }

  /** Names of bonds; none where the kernel has no bonding. */
  #bonds(): string[] {
    try {
      return readdirSync(join(this.#net, "bonding"));
    } catch {
      return [];
    }
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
    if (this.#looks++ % LOOKS_PER_ROUTES !== 0 && this.#queue.length === 0) return;
    const routes = JSON.stringify([this.defaultRoutes(), this.addresses()]);
    if (routes !== this.#routes) this.#queue.push({ kind: "routes" }, { kind: "addresses" });
    this.#routes = routes;
  }

  #ifindex(name: string): number {
    const fromSysfs = this.#sysfsIsOurs ? readIfindex(this.#sysfs, name) : undefined;
    return fromSysfs ?? parseSnmp6Ifindex(this.#read(join("dev_snmp6", name)) ?? "") ?? madeUpIfindex(name);
  }

  #isTurn(position: number, count: number): boolean {
    return (position - this.#turn + count * REFRESH_PER_LOOK) % Math.max(1, count) < REFRESH_PER_LOOK;
  }

  #describe(name: string, ifindex: number, up: boolean, refresh: boolean): LinkAttributes {
    const state = this.#sysfsIsOurs ? readLinkState(this.#sysfs, name) : undefined;
    if (state === undefined) return withoutSysfs(name, ifindex, up);
    const known = this.#links.get(ifindex)?.link;
    const adminUp = (state.flags & IFF.UP) !== 0;
    const same = known?.name === name && known.adminUp === adminUp && known.operState === state.operState;
    return same && !refresh ? known : readLink(this.#sysfs, name, ifindex, state);
  }

  /**
   * Whether the sysfs tree is of our own network namespace: the same names, and counters that lie between two readings of
   * ours.
   */
  #checkSysfs(): boolean {
    const before = this.#bytes();
    const names = readLinkNames(this.#sysfs);
    if (names.size !== before.size || [...before.keys()].some((name) => !names.has(name))) return false;
    const seen = new Map([...names].map((name) => [name, this.#sysfsBytes(name)]));
    const after = this.#bytes();
    return [...seen].every(([name, bytes]) => {
      const low = before.get(name);
      const high = after.get(name);
      return low !== undefined && high !== undefined && bytes !== undefined && low <= bytes && bytes <= high;
    });
  }

  #bytes(): Map<string, bigint> {
    const bytes = new Map<string, bigint>();
    parseNetDev(this.#readNetDev(), (name, counters) => {
      bytes.set(name, (counters[RBYTES] ?? 0n) + (counters[OBYTES] ?? 0n));
    });
    return bytes;
  }

  #sysfsBytes(name: string): bigint | undefined {
    const read = reader(this.#sysfs, name);
    const received = read("statistics/rx_bytes");
    const sent = read("statistics/tx_bytes");
    return received === undefined || sent === undefined ? undefined : BigInt(received) + BigInt(sent);
  }

  #ipv4Addresses(): LinkAddress[] {
    return Object.entries(this.#interfaces()).flatMap(([name, infos = []]) => {
      const ifindex = this.#ifindexes.get(name);
      if (ifindex === undefined) return [];
      return infos
        .filter(({ family }) => family === "IPv4")
        .map(({ address, cidr }) => ({
          ifindex,
          family: "ipv4" as const,
          address,
          prefixLength: Number(cidr?.split("/")[1] ?? 32),
          tentative: false,
          duplicate: false,
        }));
    });
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

  /** Undefined when the file is not there: IPv6 is off, procfs is a fixture. */
  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.#net, file), "utf8");
    } catch {
      return undefined;
    }
  }
}

/** All that /proc/self/net tells of a link: whether it is up. */
function withoutSysfs(name: string, ifindex: number, up: boolean): LinkAttributes {
  const loopback = name === "lo" ? IFF.LOOPBACK : 0;
  return {
    ifindex,
    name,
    alias: "",
    hardwareType: loopback ? 772 : 1,
    kind: undefined,
    driver: undefined,
    hasDevice: false,
    lladdr: "",
    mtu: 0,
    ...flagAttributes((up ? IFF.UP | IFF.RUNNING : 0) | loopback),
    operState: up ? "unknown" : "down",
    speedBitsPerSecond: undefined,
    masterIfindex: undefined,
    aggregate: undefined,
    port: undefined,
  };
}

function sameAttributes(a: LinkAttributes, b: LinkAttributes): boolean {
  const keys = Object.keys(a) as (keyof LinkAttributes)[]; // every attribute is always there
  return keys.every((key) => a[key] === b[key] || samePart(a[key], b[key]));
}

/** What bonding says is an object of plain values. */
function samePart(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [ours, theirs] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return ours.size === theirs.size && [...ours].every(([key, value]) => theirs.get(key) === value);
}
