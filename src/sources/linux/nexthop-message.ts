/**
 * RTM_NEWNEXTHOP: next hops and groups of them as objects of their own, which routes refer to by number (linux/nexthop.h; since 5.3).
 * With net.ipv4.nexthop_compat_mode=0 a route tells nothing but that number.
 */

import { ipAddressOf } from "../../net-address/ip-address.ts";
import type { NextHop } from "../source.ts";
import {
  attributeBytes,
  attributeU16,
  attributeU32,
  type Frame,
  indexAttributes,
  type Message,
  payloadEnd,
  payloadStart,
  request,
  u32,
} from "./netlink-wire.ts";
import { hopFlags } from "./route-message.ts";
import { NEXTHOP_GRP_TYPE_MPATH, NHA, NLM_F, RTM, SIZE } from "./rtnetlink.ts";

export function nexthopDumpRequest(): Frame {
  return request(RTM.GETNEXTHOP, NLM_F.REQUEST | NLM_F.DUMP, new Uint8Array(SIZE.nhmsg));
}

/** Next hops by the number that a route names. A black hole has none. */
export class NexthopTable {
  readonly #hops = new Map<number, NextHop>();
  readonly #groups = new Map<number, NexthopGroup>();

  clear(): void {
    this.#hops.clear();
    this.#groups.clear();
  }

  /** Takes what one message tells. */
  add(frame: Frame, { type, start, end }: Message): void {
    if (type !== RTM.NEWNEXTHOP || end - start < SIZE.nhmsg) return;
    indexAttributes(frame, start + SIZE.nhmsg, end, attributes);
    const id = attributeU32(frame, attributes, NHA.ID);
    if (id === undefined) return;
    const group = attributes[NHA.GROUP];
    if (group) {
      const isSpread = (attributeU16(frame, attributes, NHA.GROUP_TYPE) ?? 0) === NEXTHOP_GRP_TYPE_MPATH;
      this.#groups.set(id, { isSpread, entries: parseGroup(frame, payloadStart(group), payloadEnd(frame, group)) });
      return;
    }
    const ifindex = attributeU32(frame, attributes, NHA.OIF);
    if (!ifindex) return;
    const gateway = ipAddressOf(attributeBytes(frame, attributes, NHA.GATEWAY));
    this.#hops.set(id, { ifindex, gateway, weight: 1, ...hopFlags(u32(frame, start + 4)) });
  }

  resolve(id: number): NextHop[] {
    const single = this.#hops.get(id);
    if (single) return [single];
    const { isSpread, entries } = this.#groups.get(id) ?? { isSpread: false, entries: [] };
    // nexthop_select_path_hthr: "nexthops always check if it is good and does not rely on a sysctl for this behavior".
    const checked = isSpread && entries.length > 1 ? ({ needsAnswer: true } as const) : {};
    return entries.flatMap(({ hop, weight }) => {
      const found = this.#hops.get(hop);
      return found ? [{ ...found, weight, ...checked }] : [];
    });
  }
}

const attributes = new Uint32Array(NHA.GATEWAY + 1);

interface NexthopGroup {
  /** Whether each flow goes where its hash leads, and elsewhere while the gateway there does not answer. */
  readonly isSpread: boolean;
  readonly entries: readonly GroupEntry[];
}

interface GroupEntry {
  /** Number of its next hop. */
  readonly hop: number;
  readonly weight: number;
}

/** Array of struct nexthop_grp: number (32), weight - 1 (8), high byte of that (8, since 6.12), padding. */
function parseGroup(frame: Frame, start: number, end: number): GroupEntry[] {
  const entries: GroupEntry[] = [];
  for (let at = start; end - at >= SIZE.nexthop_grp; at += SIZE.nexthop_grp) {
    const weight = (frame.bytes[at + 4] ?? 0) + 256 * (frame.bytes[at + 5] ?? 0) + 1;
    entries.push({ hop: u32(frame, at), weight });
  }
  return entries;
}
