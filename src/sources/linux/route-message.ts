/** RTM_NEWROUTE: default routes of the main table with all their next hops (rtnetlink(7), linux/rtnetlink.h). */

import type { AddressFamily } from "../../link/link-address.ts";
import { ipAddressOf } from "../../net-address/ip-address.ts";
import type { DefaultRoute, NextHop } from "../source.ts";
import {
  attributeBytes,
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
import { AF, NLM_F, RT_TABLE_MAIN, RTA, RTM, RTM_F_CLONED, RTN_UNICAST, RTNH_F, SIZE } from "./rtnetlink.ts";

export function routeDumpRequest(family: AddressFamily): Frame {
  const body = new Uint8Array(SIZE.rtmsg);
  body[0] = AF_OF[family];
  body[4] = RT_TABLE_MAIN; // heeded by kernels with strict checking; others send all tables
  return request(RTM.GETROUTE, NLM_F.REQUEST | NLM_F.DUMP, body);
}

export const AF_OF = { ipv4: AF.INET, ipv6: AF.INET6 } as const satisfies Record<AddressFamily, number>;

export function familyOf(number: number | undefined): AddressFamily | undefined {
  if (number === AF.INET) return "ipv4";
  return number === AF.INET6 ? "ipv6" : undefined;
}

const attributes = new Uint32Array(RTA.VIA + 1);
const hopAttributes = new Uint32Array(RTA.VIA + 1);

/**
 * Undefined for every other route. Routes through nexthop objects (RTA_NH_ID) carry RTA_OIF or RTA_MULTIPATH as well.
 */
export function parseDefaultRoute(frame: Frame, { start, end }: Message): DefaultRoute | undefined {
  if (end - start < SIZE.rtmsg) return undefined;
  // struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags (32).
  const family = familyOf(frame.bytes[start]);
  const anywhere = frame.bytes[start + 1] === 0 && frame.bytes[start + 2] === 0 && frame.bytes[start + 3] === 0;
  const flags = u32(frame, start + 8);
  if (family === undefined || !anywhere || frame.bytes[start + 7] !== RTN_UNICAST || flags & RTM_F_CLONED) {
    return undefined;
  }
  indexAttributes(frame, start + SIZE.rtmsg, end, attributes);
  if ((attributeU32(frame, attributes, RTA.TABLE) ?? frame.bytes[start + 4]) !== RT_TABLE_MAIN) return undefined;
  const multipath = attributes[RTA.MULTIPATH];
  const nextHops = multipath
    ? parseNextHops(frame, payloadStart(multipath), payloadEnd(frame, multipath))
    : nextHop(frame, attributes, attributeU32(frame, attributes, RTA.OIF), flags, 1);
  if (nextHops.length === 0) return undefined;
  return { family, metric: attributeU32(frame, attributes, RTA.PRIORITY) ?? 0, nextHops };
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
  const dead = (flags & (RTNH_F.DEAD | RTNH_F.LINKDOWN)) !== 0;
  return [{ ifindex, gateway: ipAddressOf(gateway), weight, dead }];
}

/**
 * IPv6 lists the paths of one multipath route as routes of their own when they were learnt from router advertisements:
 * those with the same metric are one route. For IPv4 the first of several with one metric is the only one in use.
 */
export function mergeRoutes(routes: readonly DefaultRoute[]): DefaultRoute[] {
  const merged = new Map<string, DefaultRoute>();
  for (const route of routes) {
    const key = `${route.family} ${route.metric}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, route);
    else if (route.family === "ipv6") {
      merged.set(key, { ...known, nextHops: [...known.nextHops, ...route.nextHops] });
    }
  }
  return [...merged.values()];
}
