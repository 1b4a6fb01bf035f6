/** RTM_NEWNEIGH: the link-layer address of a neighbour (rtnetlink(7), linux/neighbour.h). */

import { ipAddressOf, type IpFamily } from "../../net-address/ip-address.ts";
import { AF_OF, ipFamilyOf } from "../../os/socket.ts";
import { hex } from "./hardware-address.ts";
import { attributeBytes, type Frame, indexAttributes, type Message, request, u16, u32 } from "./netlink-wire.ts";
import { NDA, NLM_F, NUD_FAILED, NUD_USABLE, RTM, SIZE } from "./rtnetlink.ts";

export interface Neighbour {
  readonly ifindex: number;
  /** Canonical text. */
  readonly address: string;
  /** Undefined while it is being asked for, or when nobody has answered. */
  readonly lladdr: string | undefined;
  /** It was asked for and has not answered (NUD_FAILED). */
  readonly isSilent: boolean;
}

export function neighbourDumpRequest(family: IpFamily): Frame {
  const body = new Uint8Array(SIZE.ndmsg);
  body[0] = AF_OF[family];
  return request(RTM.GETNEIGH, NLM_F.REQUEST | NLM_F.DUMP, body);
}

const attributes = new Uint32Array(NDA.LLADDR + 1);
const USABLE = Object.values(NUD_USABLE).reduce((all, state) => all | state, 0);

/** Undefined for what is no neighbour of IP, as an entry of a bridge's table. */
export function parseNeighbour(frame: Frame, { type, start, end }: Message): Neighbour | undefined {
  if ((type !== RTM.NEWNEIGH && type !== RTM.DELNEIGH) || end - start < SIZE.ndmsg) return undefined;
  // struct ndmsg: family, padding (24), ifindex (32), state (16), flags, type.
  if (ipFamilyOf(frame.bytes[start]) === undefined) return undefined;
  indexAttributes(frame, start + SIZE.ndmsg, end, attributes);
  const address = ipAddressOf(attributeBytes(frame, attributes, NDA.DST));
  if (address === undefined) return undefined;
  const state = type === RTM.NEWNEIGH ? u16(frame, start + 8) : 0;
  const isUsable = (state & USABLE) !== 0;
  const lladdr = isUsable ? hex(attributeBytes(frame, attributes, NDA.LLADDR)) : "";
  return { ifindex: u32(frame, start + 4), address, lladdr: lladdr || undefined, isSilent: (state & NUD_FAILED) !== 0 };
}
