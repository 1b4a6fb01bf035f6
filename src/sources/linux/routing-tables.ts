/**
 * Default routes as the kernel's routing tables have them (RTM_GETROUTE, RTM_GETNEXTHOP and RTM_GETRULE of rtnetlink(7)): those of table
 * main with their next hops, and of the tables that rules lead to beside it, that they have some.
 */

import type { AddressFamily } from "../../link/link-address.ts";
import { ERRNO } from "../../os/libc.ts";
import { type DefaultRoute, SourceError } from "../source.ts";
import { isRefusal, type NetlinkRequests } from "./netlink-requests.ts";
import { NexthopTable, nexthopDumpRequest } from "./nexthop-message.ts";
import { mergeRoutes, parseDefaultRoute, routeDumpRequest } from "./route-message.ts";
import { RT_TABLE_MAIN, RTM } from "./rtnetlink.ts";
import { parseTableRule, ruleDumpRequest, type TableRule } from "./rule-message.ts";

const FAMILIES = ["ipv4", "ipv6"] as const;
const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

export class RoutingTables {
  readonly #requests: NetlinkRequests;
  readonly #nexthops = new NexthopTable();
  /** Whether rules, or tables that they may lead to, have changed. */
  #othersChanged = true;

  constructor(requests: NetlinkRequests) {
    this.#requests = requests;
  }

  /** Rules, or tables that they may lead to, have changed. */
  othersChanged(): void {
    this.#othersChanged = true;
  }

  /**
   * The default routes of table main.
   * @throws SourceError
   */
  defaultRoutes(): DefaultRoute[] {
    return mergeRoutes(FAMILIES.flatMap((family) => this.#list(family, RT_TABLE_MAIN)));
  }

  /** Tells of each table that rules lead to, beside main, that its default routes make no group; nothing where none has changed. */
  tellOthers(nameOf: (ifindex: number) => string, tell: (cause: string) => void): void {
    if (!this.#othersChanged) return;
    try {
      for (const rule of this.#firstRules()) {
        const hops = this.#list(rule.family, rule.table).flatMap(({ nextHops }) => nextHops);
        const devices = new Set(hops.map(({ ifindex }) => nameOf(ifindex)));
        if (devices.size > 0) tell(otherTable(rule, devices));
      }
    } catch (error) {
      // The routes of table main are to be had all the same; this is tried again with the next question for them.
      if (!(error instanceof SourceError)) throw error;
      return;
    }
    this.#othersChanged = false;
  }

  /** Of the rules that lead to one table, the first. */
  #firstRules(): Iterable<TableRule> {
    const first = new Map<string, TableRule>();
    for (const rule of FAMILIES.flatMap((family) => this.#listRules(family))) {
      const key = `${rule.family} ${rule.table}`;
      if (!first.has(key)) first.set(key, rule);
    }
    return first.values();
  }

  #listRules(family: AddressFamily): TableRule[] {
    return orNone(() => this.#requests.list("RTM_GETRULE", ruleDumpRequest(family), parseTableRule));
  }

  /** The default routes of one table. */
  #list(family: AddressFamily, table: number): DefaultRoute[] {
    const routes = orNone(() =>
      this.#requests.list("RTM_GETROUTE", routeDumpRequest(family, table), (frame, message) =>
        message.type === RTM.NEWROUTE ? parseDefaultRoute(frame, message) : undefined,
      ),
    ).filter((route) => route.family === family && route.table === table);
    if (routes.some(({ nexthopId }) => nexthopId !== undefined)) this.#listNexthops();
    return routes.flatMap(({ nexthopId, table: _, ...route }) => {
      const nextHops = nexthopId === undefined ? route.nextHops : this.#nexthops.resolve(nexthopId);
      return nextHops.length > 0 ? [{ ...route, nextHops }] : [];
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

function otherTable({ family, table, priority }: TableRule, devices: ReadonlySet<string>): string {
  return (
    `rule ${priority} leads to table ${table}, which has an ${FAMILY_NAMES[family]} default route over ` +
    `${[...devices].join(", ")}: only routes of table main make a group; name such links under "groups"`
  );
}
