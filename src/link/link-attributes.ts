/** What a link is, in the words of rtnetlink(7): name, state, medium, speed and the aggregate that it belongs to. */

import type { AggregateAttributes, PortAttributes } from "./aggregate.ts";
import type { LldpNeighbour } from "./lldp-neighbour.ts";
import type { HardwareAttributes, SwitchPort } from "./hardware.ts";

/** What a link is, apart from its counters. Undefined: the system does not say. */
export interface LinkAttributes {
  /** The system's own ifIndex: with the boot, the identity of a link. Names are only labels. */
  readonly ifindex: number;
  readonly name: string;
  /** IFLA_ALT_IFNAME: other names that it answers to. */
  readonly altNames?: readonly string[] | undefined;
  /** IFLA_IFALIAS: what the administrator calls it; empty when not set. */
  readonly alias: string;
  /** ARPHRD_* of if_arp.h: 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number;
  /** IFLA_INFO_KIND: "veth", "bond", "macvlan"; undefined for a link with no such kind, such as a NIC. */
  readonly kind: string | undefined;
  /** Kernel driver, where the system tells ("ixgbe"). */
  readonly driver: string | undefined;
  /** Whether hardware (or a paravirtual device) stands behind it. */
  readonly hasDevice: boolean;
  /** MAC as lower-case hex pairs joined by colons; empty when it has none. */
  readonly lladdr: string;
  /** Bytes. */
  readonly mtu: number;
  /** IFF_UP: the administrator wants it. */
  readonly adminUp: boolean;
  /** IFF_RUNNING: it can carry traffic now (carrier, and operational). */
  readonly running: boolean;
  /** IFLA_OPERSTATE, in the words of RFC 2863. */
  readonly operState: OperState;
  readonly loopback: boolean;
  readonly pointToPoint: boolean | undefined;
  /** IFF_NOARP. */
  readonly noArp: boolean | undefined;
  /** IFF_MULTICAST. */
  readonly multicast: boolean | undefined;
  readonly promiscuous: boolean | undefined;
  /** Bits per second; undefined when unknown, as for a link that is down. */
  readonly speedBitsPerSecond: number | undefined;
  /** ifindex of the bond, team or bridge that it is part of. */
  readonly masterIfindex: number | undefined;
  /** Name of that, where the system tells it of the part: a LAG of a device. */
  readonly masterName?: string | undefined;
  /** IFLA_LINK: ifindex of the link below it (of a VLAN, a macvlan, MACsec), or of the other end of a veth pair. */
  readonly lowerIfindex?: number | undefined;
  /** What a bonding master or a team is, apart from being a link. */
  readonly aggregate?: AggregateAttributes | undefined;
  /** What a link is to the bond or team that it is part of. */
  readonly port?: PortAttributes | undefined;
  /** The device behind it. */
  readonly hardware?: HardwareAttributes | undefined;
  /** Who is at its other end, by LLDP; undefined where nobody is heard, or several are. */
  readonly neighbour?: LldpNeighbour | undefined;
  /** Where it is a port of a switch chip in this host. */
  readonly switchPort?: SwitchPort | undefined;
}

/** IF_OPER_* of linux/if.h, which are the states of RFC 2863. */
export const OPER_STATES = ["unknown", "notPresent", "down", "lowerLayerDown", "testing", "dormant", "up"] as const;
export type OperState = (typeof OPER_STATES)[number];

/**
 * Whether the link is down as RFC 2863 section 3.1.14 means it (lowerLayerDown is a refinement of down). Drivers that never set an
 * operational state leave it unknown; Linux then goes by RUNNING (operstates.rst), and so does this.
 */
export function isDown({ operState, running, adminUp }: LinkAttributes): boolean {
  return operState === "down" || operState === "lowerLayerDown" || (operState === "unknown" && !running && !adminUp);
}

/** All names that a link answers to, its own first. */
export function namesOf({ name, altNames = [] }: Pick<LinkAttributes, "name" | "altNames">): readonly string[] {
  return altNames.length === 0 ? [name] : [name, ...altNames];
}

/** Whether two accounts of a link say the same of everything, or of these attributes. What one leaves out, the other does not say either. */
export function sameAttributes(
  a: LinkAttributes,
  b: LinkAttributes,
  keys?: readonly (keyof LinkAttributes)[],
): boolean {
  return keys ? keys.every((key) => isSame(a[key], b[key])) : isSame(a, b);
}

/** What is said of an aggregate, a port, a device, a neighbour or a switch is an object of plain values. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  return (
    Object.keys(a).every((key) => isSame(a[key], b[key])) &&
    Object.keys(b).every((key) => key in a || b[key] === undefined)
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
