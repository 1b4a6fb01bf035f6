/** RTM_NEWROUTE: default routes with all their next hops (rtnetlink(7), linux/rtnetlink.h). */

import { ipAddressOf, type IpFamily } from "../../net-address/ip-address.ts";
import { AF_OF, ipFamilyOf } from "../../os/socket.ts";
import type { DefaultRoute, NextHop, RouterPreference } from "../source.ts";
import {
  attributeBytes,
  attributeOfU32,
  attributeU8,
  attributeU32,
  type Frame,
  indexAttributes,
  type Message,
  payloadEnd,
  payloadStart,
  request,
  u16,
  u32,
} from "./netlink-wire.ts";
import { NLM_F, RT_TABLE_MAIN, RTA, RTM, RTM_F_CLONED, RTN, RTNH_F, RTPROT_RA, SIZE } from "./rtnetlink.ts";

/** Asks for one table. It is heeded by kernels with strict checking; others send all tables. */
export function routeDumpRequest(family: IpFamily, table: number = RT_TABLE_MAIN): Frame {
  const body = new Uint8Array(SIZE.rtmsg);
  body[0] = AF_OF[family];
  body[4] = table < 256 ? table : 0;
  return request(RTM.GETROUTE, NLM_F.REQUEST | NLM_F.DUMP, body, attributeOfU32(RTA.TABLE, table));
}

const attributes = new Uint32Array(RTA.NH_ID + 1);
const hopAttributes = new Uint32Array(RTA.VIA + 1);

/** A default route as its message has it. */
export interface RouteMessage extends DefaultRoute {
  readonly table: number;
  /** Number of the next hop object that its next hops come from. */
  readonly nexthopId?: number;
}

const NOWHERE: ReadonlySet<number | undefined> = new Set([RTN.BLACKHOLE, RTN.UNREACHABLE, RTN.PROHIBIT]);

/** Undefined for every other route, and for one without a next hop. */
export function parseDefaultRoute(frame: Frame, { start, end }: Message): RouteMessage | undefined {
  if (end - start < SIZE.rtmsg) return undefined;
  // struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags (32).
  const family = ipFamilyOf(frame.bytes[start]);
  const anywhere = frame.bytes[start + 1] === 0 && frame.bytes[start + 2] === 0 && frame.bytes[start + 3] === 0;
  const flags = u32(frame, start + 8);
  const type = frame.bytes[start + 7];
  const leadsNowhere = NOWHERE.has(type);
  if (family === undefined || !anywhere || (type !== RTN.UNICAST && !leadsNowhere) || flags & RTM_F_CLONED) {
    return undefined;
  }
  indexAttributes(frame, start + SIZE.rtmsg, end, attributes);
  const table = attributeU32(frame, attributes, RTA.TABLE) ?? frame.bytes[start + 4] ?? 0;
  const metric = attributeU32(frame, attributes, RTA.PRIORITY) ?? 0;
  if (leadsNowhere) return { family, table, metric, nextHops: [], leadsNowhere };
  const multipath = attributes[RTA.MULTIPATH];
  const nextHops = multipath
    ? parseNextHops(frame, payloadStart(multipath), payloadEnd(frame, multipath))
    : nextHop(frame, attributes, attributeU32(frame, attributes, RTA.OIF), flags, 1);
  const nexthopId = attributeU32(frame, attributes, RTA.NH_ID);
  if (nextHops.length === 0 && !nexthopId) return undefined;
  return {
    family,
    table,
    metric,
    nextHops,
    ...(frame.bytes[start + 5] === RTPROT_RA ? { advertised: preference(frame) } : {}),
    ...(nexthopId ? { nexthopId } : {}),
  };
}

/** RTA_PREF, ICMPV6_ROUTER_PREF_* of linux/icmpv6.h. */
function preference(frame: Frame): RouterPreference {
  const told = attributeU8(frame, attributes, RTA.PREF);
  return told === 1 ? "high" : told === 3 ? "low" : "medium";
}

/** struct rtnexthop: length (16), flags, hops (weight - 1), ifindex, then attributes of its own. */
function parseNextHops(frame: Frame, start: number, end: number): NextHop[] {
  const hops: NextHop[] = [];
  for (let at = start; end - at >= SIZE.rtnexthop; ) {
    const size = u16(frame, at);
    if (size < SIZE.rtnexthop || size > end - at) break;
    indexAttributes(frame, at + SIZE.rtnexthop, at + size, hopAttributes);
    const flags = frame.bytes[at + 2] ?? 0;
    const weight = (frame.bytes[at + 3] ?? 0) + 1;
    hops.push(...nextHop(frame, hopAttributes, u32(frame, at + 4), flags, weight));
    at += (size + 3) & ~3;
  }
  return hops;
}

function nextHop(
  frame: Frame,
  table: Uint32Array,
  ifindex: number | undefined,
  flags: number,
  weight: number,
): NextHop[] {
  if (!ifindex) return [];
  // RTA_VIA: an address of another family (IPv4 through an IPv6 router), after its family in 16 bits.
  const gateway = attributeBytes(frame, table, RTA.GATEWAY) ?? attributeBytes(frame, table, RTA.VIA)?.subarray(2);
  return [{ ifindex, gateway: ipAddressOf(gateway), weight, ...hopFlags(flags) }];
}

/** RTNH_F_*. The kernel adds DEAD to LINKDOWN where it skips such a hop (ignore_routes_with_linkdown). */
export function hopFlags(flags: number): Pick<NextHop, "dead" | "usedWithoutCarrier"> {
  const isDead = (flags & RTNH_F.DEAD) !== 0;
  const isLinkDown = (flags & RTNH_F.LINKDOWN) !== 0;
  return { dead: isDead || isLinkDown, ...(isLinkDown && !isDead ? { usedWithoutCarrier: true } : {}) };
}

/**
 * Kernels before 4.11 list the paths of one IPv6 multipath route as routes of their own: those of one metric are one route. Routes from
 * router advertisements are not: the kernel uses one of them (rt6_qualify_for_ecmp). Of IPv4 routes with one metric the first is used.
 */
export function mergeRoutes(routes: readonly DefaultRoute[]): DefaultRoute[] {
  const merged: DefaultRoute[] = [];
  for (const route of routes) {
    const at = merged.findIndex((known) => isPathOf(known, route));
    const known = merged[at];
    if (known) merged[at] = { ...known, nextHops: [...known.nextHops, ...route.nextHops] };
    else merged.push(route);
  }
  return merged;
}

function isPathOf(known: DefaultRoute, route: DefaultRoute): boolean {
  const isStatic = [known, route].every(({ advertised, leadsNowhere }) => !advertised && !leadsNowhere);
  return route.family === "ipv6" && known.family === "ipv6" && known.metric === route.metric && isStatic;
}
