/** What IF-MIB says of a link, as the link attributes of the program. */

import type { LinkAttributes, OperState } from "../../link/link-attributes.ts";
import {
  IANA_IF_TYPE,
  IF_ADMIN_STATUS,
  IF_ALIAS,
  IF_DESCR,
  IF_HIGH_SPEED,
  IF_MTU,
  IF_OPER_STATUS,
  IF_PHYS_ADDRESS,
  IF_SPEED,
  IF_TYPE,
} from "./interface-columns.ts";
import type { LagAttributes } from "./lag-role.ts";
import { gauge32, integer, physAddress, text, type Varbind } from "./varbind.ts";

/** Columns that are asked for once, when a link is first seen or found again. */
export const DESCRIPTION_COLUMNS: readonly string[] = [IF_DESCR, IF_TYPE, IF_MTU, IF_PHYS_ADDRESS, IF_ALIAS];
/** Columns that are asked for in every poll. */
export const STATUS_COLUMNS: readonly string[] = [IF_ADMIN_STATUS, IF_OPER_STATUS];

type Values = (column: string) => Varbind | undefined;

/** ARPHRD_*: what kind of medium a group may mix with which. A device's links are Ethernet for that matter. */
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
/** Bytes: of a link that does not say. */
const USUAL_MTU = 1500;

/** ifOperStatus by number (RFC 2863). */
const OPER_STATUS: readonly (OperState | undefined)[] = [
  undefined,
  "up",
  "down",
  "testing",
  "unknown",
  "dormant",
  "notPresent",
  "lowerLayerDown",
];
export const ADMIN_DOWN = 2;

/** What does not change while a link has its ifIndex. */
export type Description = Pick<
  LinkAttributes,
  "alias" | "hardwareType" | "lladdr" | "mtu" | "loopback" | "altNames"
> & {
  /** IANAifType; undefined where the device does not say. */
  readonly ifType: number | undefined;
};

/** `all`: the names by which it may be meant, its own first. */
export function descriptionOf({ all }: { readonly all: readonly string[] }, value: Values): Description {
  const ifType = integer(value(IF_TYPE));
  const loopback = ifType === IANA_IF_TYPE.softwareLoopback;
  const mtu = integer(value(IF_MTU));
  return {
    alias: text(value(IF_ALIAS)) ?? "",
    hardwareType: loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER,
    lladdr: physAddress(value(IF_PHYS_ADDRESS)) ?? "",
    mtu: mtu !== undefined && mtu > 0 ? mtu : USUAL_MTU,
    loopback,
    altNames: all.slice(1),
    ifType,
  };
}

/** `value`: status and speed of one poll; `lag`: what the link is to a LAG. */
export function attributesOf(
  { ifindex, name, neighbour }: Pick<LinkAttributes, "ifindex" | "name" | "neighbour">,
  description: Description,
  value: Values,
  lag: LagAttributes,
): LinkAttributes {
  const { alias, altNames, hardwareType, ifType, lladdr, loopback, mtu } = description;
  const operState = OPER_STATUS[integer(value(IF_OPER_STATUS)) ?? 0] ?? "unknown";
  // Each by its name: of an object that is put together from others V8 makes a table of kilobytes, for each link in each poll.
  return {
    ifindex,
    name,
    altNames,
    alias,
    hardwareType,
    kind: ifType === IANA_IF_TYPE.ieee8023adLag ? "lag" : undefined,
    driver: undefined,
    hasDevice: false,
    lladdr,
    mtu,
    adminUp: integer(value(IF_ADMIN_STATUS)) !== ADMIN_DOWN,
    running: operState === "up",
    operState,
    loopback,
    pointToPoint: undefined,
    noArp: undefined,
    multicast: undefined,
    promiscuous: undefined,
    speedBitsPerSecond: speedOf(value),
    masterIfindex: lag.masterIfindex,
    masterName: lag.masterName,
    aggregate: lag.aggregate,
    port: lag.port,
    neighbour,
  };
}

const MEGABIT = 1_000_000;
/** ifSpeed of a link that is faster than its 32 bits say. */
const TOO_FAST = 4_294_967_295;

/** ifHighSpeed; of a link below 1 Mbit/s, or without it, ifSpeed. 0 is not known. */
function speedOf(value: Values): number | undefined {
  const high = gauge32(value(IF_HIGH_SPEED)) ?? 0;
  if (high > 0) return high * MEGABIT;
  const speed = gauge32(value(IF_SPEED)) ?? 0;
  return speed > 0 && speed < TOO_FAST ? speed : undefined;
}
