/**
 * Default routes as the kernel's routing tables have them (RTM_GETROUTE, RTM_GETNEXTHOP and RTM_GETRULE of rtnetlink(7)): those of table
 * main with their next hops, and of the tables beside it that rules or VRFs lead to, that they have some.
 */

import type { IpFamily } from "../../net-address/ip-address.ts";
import { ERRNO } from "../../os/libc.ts";
import { type DefaultRoute, SourceError } from "../source.ts";
import { linkRequest } from "./link-message.ts";
import { isRefusal, type NetlinkRequests } from "./netlink-requests.ts";
import { NexthopTable, nexthopDumpRequest } from "./nexthop-message.ts";
import { mergeRoutes, parseDefaultRoute, routeDumpRequest } from "./route-message.ts";
import { LOOPBACK_IFINDEX, RT_TABLE_MAIN, RTM } from "./rtnetlink.ts";
import { parseTableRule, ruleDumpRequest, type TableRule } from "./rule-message.ts";

const FAMILIES = ["ipv4", "ipv6"] as const;
const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

interface Vrf {
  readonly name: string;
  readonly table: number;
}

/** A table beside main, and for people what leads to it. */
interface WayToTable {
  readonly family: IpFamily;
  readonly table: number;
  readonly leads: string;
}

export class RoutingTables {
  readonly #requests: NetlinkRequests;
  readonly #nexthops = new NexthopTable();
  /** Links that default routes of table main led over when they were last listed. */
  #uplinks: ReadonlySet<number> = new Set();
  /** VRFs by ifindex. */
  readonly #vrfs = new Map<number, Vrf>();
  /** Whether rules, VRFs, or tables that they may lead to, have changed. */
  #othersChanged = true;

  constructor(requests: NetlinkRequests) {
    this.#requests = requests;
  }

  /** Rules, or tables that they may lead to, have changed. */
  othersChanged(): void {
    this.#othersChanged = true;
  }

  /** A link as it is now; `table` where it is a VRF. @returns whether that is news */
  linkIs(ifindex: number, name: string, table: number | undefined): boolean {
    const known = this.#vrfs.get(ifindex);
    if (known?.table === table && (table === undefined || known?.name === name)) return false;
    if (table === undefined) this.#vrfs.delete(ifindex);
    else this.#vrfs.set(ifindex, { name, table });
    this.#othersChanged = true;
    return true;
  }

  /**
   * The default routes of table main.
   * @throws SourceError
   */
  defaultRoutes(): DefaultRoute[] {
    this.#waitForChanges();
    const routes = mergeRoutes(FAMILIES.flatMap((family) => this.#list(family, RT_TABLE_MAIN)));
    this.#uplinks = new Set(routes.flatMap(({ nextHops }) => nextHops.map(({ ifindex }) => ifindex)));
    return routes;
  }

  /** Whether default routes of table main led over the link when they were last listed. */
  leadOver(ifindex: number): boolean {
    return this.#uplinks.has(ifindex);
  }

  /** Tells of each table that rules lead to, beside main, that its default routes make no group; nothing where none has changed. */
  tellOthers(nameOf: (ifindex: number) => string, tell: (cause: string) => void): void {
    if (!this.#othersChanged) return;
    try {
      for (const way of [...this.#firstRules(), ...this.#vrfTables()]) {
        const hops = this.#list(way.family, way.table).flatMap(({ nextHops }) => nextHops);
        const devices = new Set(hops.map(({ ifindex }) => nameOf(ifindex)));
        if (devices.size > 0) tell(otherTable(way, devices));
      }
    } catch (error) {
      // The routes of table main are to be had all the same; this is tried again with the next question for them.
      if (!(error instanceof SourceError)) throw error;
      return;
    }
    this.#othersChanged = false;
  }

  /** Of the rules that lead to one table, the first. */
  #firstRules(): Iterable<WayToTable> {
    const first = new Map<string, WayToTable>();
    for (const { family, table, priority } of FAMILIES.flatMap((family) => this.#listRules(family))) {
      const key = `${family} ${table}`;
      if (!first.has(key)) first.set(key, { family, table, leads: `rule ${priority} leads to` });
    }
    return first.values();
  }

  /** One rule leads into the tables of all VRFs (FRA_L3MDEV), and names none. */
  #vrfTables(): WayToTable[] {
    return [...this.#vrfs.values()].flatMap(({ name, table }) =>
      FAMILIES.map((family) => ({ family, table, leads: `VRF ${name} has` })),
    );
  }

  /**
   * Comes back when the kernel has made the changes that it has announced: of some it tells first, and then drops the routes (inet_del_ifa,
   * __dev_notify_flags). It answers this question under the lock that it holds meanwhile, and newer kernels list routes without it.
   */
  #waitForChanges(): void {
    this.#requests.dump(
      "RTM_GETLINK",
      linkRequest(LOOPBACK_IFINDEX),
      () => {},
      () => {},
    );
  }

  #listRules(family: IpFamily): TableRule[] {
    return orNone(() => this.#requests.list("RTM_GETRULE", ruleDumpRequest(family), parseTableRule));
  }

  /** The default routes of one table. */
  #list(family: IpFamily, table: number): DefaultRoute[] {
    const routes = orNone(() =>
      this.#requests.list("RTM_GETROUTE", routeDumpRequest(family, table), (frame, message) =>
        message.type === RTM.NEWROUTE ? parseDefaultRoute(frame, message) : undefined,
      ),
    ).filter((route) => route.family === family && route.table === table);
    if (routes.some(({ nexthopId }) => nexthopId !== undefined)) this.#listNexthops();
    return routes.flatMap(({ nexthopId, table: _, ...route }) => {
      // A route tells its next hops beside their number, but of a weight only the low eight bits.
      const resolved = nexthopId === undefined ? [] : this.#nexthops.resolve(nexthopId);
      const nextHops = resolved.length > 0 ? resolved : route.nextHops;
      return nextHops.length > 0 || route.leadsNowhere ? [{ ...route, nextHops }] : [];
    });
  }

  #listNexthops(): void {
    this.#requests.dumpWhole(
      "RTM_GETNEXTHOP",
      nexthopDumpRequest(),
      () => this.#nexthops.clear(),
      (frame, message) => this.#nexthops.add(frame, message),
    );
  }
}

/** Nothing where the kernel does not know the question: without IPv6 or without rules, or in a namespace whose table nobody has used. */
function orNone<T>(list: () => T[]): T[] {
  try {
    return list();
  } catch (error) {
    if (!isRefusal(error, ERRNO.EOPNOTSUPP, ERRNO.EAFNOSUPPORT, ERRNO.ENOENT)) throw error;
    return [];
  }
}

function otherTable({ family, table, leads }: WayToTable, devices: ReadonlySet<string>): string {
  return (
    `${leads} table ${table}, which has an ${FAMILY_NAMES[family]} default route over ` +
    `${[...devices].join(", ")}: only routes of table main make a group; name such links under "groups"`
  );
}
