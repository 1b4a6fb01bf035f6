/**
 * RTM_GETSTATS with IFLA_STATS_LINK_64 alone: an ifindex and the counters, 232 bytes for a link where RTM_GETLINK has 1,500.
 * Since Linux 4.7.
 */

import { type Frame, indexAttributes, type Message, request } from "./netlink-wire.ts";
import { IFLA_STATS_LINK_64, NLM_F, RTM, SIZE } from "./rtnetlink.ts";

export function statsDumpRequest(): Frame {
  const body = new Uint8Array(SIZE.if_stats_msg); // family, padding, ifindex, filter mask
  new Uint32Array(body.buffer)[2] = 1 << (IFLA_STATS_LINK_64 - 1);
  return request(RTM.GETSTATS, NLM_F.REQUEST | NLM_F.DUMP, body);
}

const attributes = new Uint32Array(IFLA_STATS_LINK_64 + 1);

/** Where the attribute with the counters begins; undefined when the message has none. */
export function findStats(frame: Frame, { type, start, end }: Message): number | undefined {
  if (type !== RTM.NEWSTATS || end - start < SIZE.if_stats_msg) return undefined;
  indexAttributes(frame, start + SIZE.if_stats_msg, end, attributes);
  return attributes[IFLA_STATS_LINK_64] || undefined;
}
