/** RTM_NEWLINK and RTM_DELLINK: what a link is, and its counters (rtnetlink(7), linux/if_link.h). */

import type { AggregateAttributes, PortAttributes } from "../../link/aggregate.ts";
import type { SwitchPort } from "../../link/hardware.ts";
import { OPER_STATES, type OperState } from "../../link/link-attributes.ts";
import { AF } from "../../os/socket.ts";
import { hex } from "./hardware-address.ts";
import { countersOf } from "./link-counters.ts";
import { parseLinkInfo } from "./link-info.ts";
import { linkName } from "./link-name.ts";
import {
  attributeBytes,
  attributeOfU32,
  attributeString,
  attributeText,
  attributeU8,
  attributeU32,
  eachAttribute,
  type Frame,
  indexAttributes,
  type Message,
  payloadEnd,
  payloadStart,
  request,
  u16,
  u32,
  withoutZero,
} from "./netlink-wire.ts";
import { IFF, IFLA, NLM_F, RTEXT_FILTER_BRVLAN, RTM, SIZE } from "./rtnetlink.ts";

/** What rtnetlink says of a link; speed, driver and, on older kernels, the device are to be asked elsewhere. */
export interface LinkMessage {
  readonly ifindex: number;
  readonly name: string;
  readonly alias: string;
  readonly hardwareType: number;
  readonly kind: string | undefined;
  readonly lladdr: string;
  readonly mtu: number;
  /** IFF_*. */
  readonly flags: number;
  readonly operState: OperState;
  readonly masterIfindex: number | undefined;
  readonly altNames: readonly string[] | undefined;
  readonly lowerIfindex: number | undefined;
  readonly vrfTable: number | undefined;
  /** IFLA_PARENT_DEV_NAME: "0000:00:1f.6". Kernels before 5.14 never say it. */
  readonly parentDevice: string | undefined;
  readonly switchPort: SwitchPort | undefined;
  readonly aggregate: AggregateAttributes | undefined;
  readonly port: PortAttributes | undefined;
  readonly counters: BigUint64Array | undefined;
}

/**
 * Asked without IFLA_EXT_MASK the kernel makes room for 3,700 bytes of each link, and ends the list at the first link that needs
 * more, as if that were all (rtnl_calcit of net/core/rtnetlink.c). Any mask makes it measure the links.
 */
export function linkDumpRequest(): Frame {
  const mask = attributeOfU32(IFLA.EXT_MASK, RTEXT_FILTER_BRVLAN);
  return request(RTM.GETLINK, NLM_F.REQUEST | NLM_F.DUMP, new Uint8Array(SIZE.ifinfomsg), mask);
}

/** One link, with an acknowledgement behind the answer, so that its end can be seen as that of a list. */
export function linkRequest(ifindex: number): Frame {
  const body = new Uint8Array(SIZE.ifinfomsg);
  new Uint32Array(body.buffer)[1] = ifindex;
  return request(RTM.GETLINK, NLM_F.REQUEST | NLM_F.ACK, body);
}

const attributes = new Uint32Array(IFLA.PARENT_DEV_NAME + 1);

/**
 * Undefined when the message is not about a link itself: a bridge's port (family AF_BRIDGE, which comes without counters
 * when a link leaves a bridge), a wireless event (no name).
 */
export function parseLink(frame: Frame, { start, end }: Message): LinkMessage | undefined {
  if (end - start < SIZE.ifinfomsg || frame.bytes[start] !== AF.UNSPEC) return undefined;
  indexAttributes(frame, start + SIZE.ifinfomsg, end, attributes);
  const name = attributeString(frame, attributes, IFLA.IFNAME);
  const alias = attributeString(frame, attributes, IFLA.IFALIAS);
  const ifindex = u32(frame, start + 4);
  if (name === undefined || name.length === 0 || ifindex === 0) return undefined;
  const { tunnelIfindex, ...linkInfo } = parseLinkInfo(frame, attributes[IFLA.LINKINFO]);
  return {
    ifindex,
    name: linkName(name),
    alias: alias ? linkName(alias) : "", // of any bytes, as a name
    hardwareType: u16(frame, start + 2),
    lladdr: hex(attributeBytes(frame, attributes, IFLA.ADDRESS)),
    mtu: attributeU32(frame, attributes, IFLA.MTU) ?? 0,
    flags: u32(frame, start + 8),
    operState: OPER_STATES[attributeU8(frame, attributes, IFLA.OPERSTATE) ?? 0] ?? "unknown",
    masterIfindex: attributeU32(frame, attributes, IFLA.MASTER) || undefined,
    altNames: altNames(frame),
    lowerIfindex: tunnelIfindex ?? lowerIfindex(frame, ifindex),
    parentDevice: attributeText(frame, attributes, IFLA.PARENT_DEV_NAME),
    switchPort: switchPort(frame),
    counters: linkCounters(frame),
    ...linkInfo,
  };
}

/** IFLA_PHYS_SWITCH_ID is bytes, IFLA_PHYS_PORT_NAME a word of the driver ("p1"), which a NIC may have without a switch. */
function switchPort(frame: Frame): SwitchPort | undefined {
  const id = attributeBytes(frame, attributes, IFLA.PHYS_SWITCH_ID);
  const portName = attributeText(frame, attributes, IFLA.PHYS_PORT_NAME);
  if (id === undefined && portName === undefined) return undefined;
  return { switchId: id && Buffer.from(id).toString("hex"), portName };
}

/**
 * Where the attribute with the counters begins, and nothing else of the message: for kernels without RTM_GETSTATS, which are
 * asked for all links at each scrape.
 */
export function findLinkCounters(frame: Frame, { type, start, end }: Message): number | undefined {
  if (type !== RTM.NEWLINK || end - start < SIZE.ifinfomsg || frame.bytes[start] !== AF.UNSPEC) return undefined;
  indexAttributes(frame, start + SIZE.ifinfomsg, end, attributes);
  return attributes[IFLA.STATS64] || undefined;
}

/** IFLA_PROP_LIST: names that it has beside its name, of up to 127 bytes each (since Linux 5.5). */
function altNames(frame: Frame): readonly string[] | undefined {
  const list = attributes[IFLA.PROP_LIST];
  if (!list) return undefined;
  const names: string[] = [];
  eachAttribute(frame, payloadStart(list), payloadEnd(frame, list), (type, at) => {
    if (type !== IFLA.ALT_IFNAME) return;
    names.push(linkName(withoutZero(frame.bytes.subarray(payloadStart(at), payloadEnd(frame, at)))));
  });
  return names;
}

/** IFLA_LINK: the link below it; undefined when that is in another namespace, or when it names the link itself. */
function lowerIfindex(frame: Frame, ifindex: number): number | undefined {
  const lower = attributeU32(frame, attributes, IFLA.LINK);
  return attributes[IFLA.LINK_NETNSID] || lower === ifindex ? undefined : lower || undefined;
}

function linkCounters(frame: Frame): BigUint64Array | undefined {
  const at = attributes[IFLA.STATS64];
  return at ? countersOf(frame, payloadStart(at), payloadEnd(frame, at)) : undefined;
}

/** Undefined when the message tells of no link, or of one that is gone. */
export function parseNewLink(frame: Frame, message: Message): LinkMessage | undefined {
  return message.type === RTM.NEWLINK ? parseLink(frame, message) : undefined;
}

/** The flags of linux/if.h as the attributes that carry them. */
export function flagAttributes(flags: number) {
  return {
    adminUp: (flags & IFF.UP) !== 0,
    running: (flags & IFF.RUNNING) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    pointToPoint: (flags & IFF.POINTOPOINT) !== 0,
    noArp: (flags & IFF.NOARP) !== 0,
    multicast: (flags & IFF.MULTICAST) !== 0,
    promiscuous: (flags & IFF.PROMISC) !== 0,
  };
}
