/** RTM_NEWADDR: an address of a link (rtnetlink(7), linux/if_addr.h). */

import type { LinkAddress } from "../../link/link-address.ts";
import { ipAddressOf } from "../../net-address/ip-address.ts";
import { ipFamilyOf } from "../../os/socket.ts";
import {
  attributeBytes,
  attributeU32,
  type Frame,
  indexAttributes,
  type Message,
  request,
  u32,
} from "./netlink-wire.ts";
import { IFA, IFA_F, NLM_F, RTM, SIZE } from "./rtnetlink.ts";

export function addressDumpRequest(): Frame {
  return request(RTM.GETADDR, NLM_F.REQUEST | NLM_F.DUMP, new Uint8Array(SIZE.ifaddrmsg));
}

const attributes = new Uint32Array(IFA.FLAGS + 1);

export function parseAddress(frame: Frame, { start, end }: Message): LinkAddress | undefined {
  if (end - start < SIZE.ifaddrmsg) return undefined;
  // struct ifaddrmsg: family, prefix length, flags (the low eight), scope, ifindex (32).
  const family = ipFamilyOf(frame.bytes[start]);
  indexAttributes(frame, start + SIZE.ifaddrmsg, end, attributes);
  // Of a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL, where there is one, is always ours.
  const address = ipAddressOf(
    attributeBytes(frame, attributes, IFA.LOCAL) ?? attributeBytes(frame, attributes, IFA.ADDRESS),
  );
  if (family === undefined || address === undefined) return undefined;
  const flags = attributeU32(frame, attributes, IFA.FLAGS) ?? frame.bytes[start + 2] ?? 0;
  return {
    ifindex: u32(frame, start + 4),
    family,
    address,
    prefixLength: frame.bytes[start + 1] ?? 0,
    ...addressFlags(flags),
  };
}

/** IFA_F_*, also as /proc/net/if_inet6 has them. An optimistic address is used while its uniqueness is still checked. */
export function addressFlags(flags: number): Pick<LinkAddress, "tentative" | "duplicate"> {
  const duplicate = (flags & IFA_F.DADFAILED) !== 0;
  return { tentative: duplicate || ((flags & IFA_F.TENTATIVE) !== 0 && !(flags & IFA_F.OPTIMISTIC)), duplicate };
}
