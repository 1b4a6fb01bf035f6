/** IFLA_LINKINFO of bonds and their slaves, encoded as bond_netlink.c fills it in: the kernel here may have no bonding to ask. */

import { attribute, concat, message, text, words } from "./fixtures.ts";

const u8 = (type: number) => (value: number) => attribute(type, Uint8Array.of(value));
const u16 = (type: number) => (value: number) => attribute(type, new Uint8Array(Uint16Array.of(value).buffer));
const u32 = (type: number) => (value: number) => attribute(type, words(value));
const mac = (type: number) => (value: string) =>
  attribute(
    type,
    Uint8Array.from(value.split(":"), (pair) => Number.parseInt(pair, 16)),
  );
const nest =
  (type: number) =>
  (...parts: readonly Uint8Array[]) =>
    attribute(type, concat(...parts));

/** IFLA_BOND_*, by the numbers of linux/if_link.h. */
export const BOND = {
  mode: u8(1),
  active: u32(2),
  miimon: u32(3),
  arpInterval: u32(7),
  primary: u32(11),
  minLinks: u32(18),
  lacpRate: u8(21),
  lacp: nest(23),
};
/** IFLA_BOND_AD_INFO_*. */
export const LACP = { aggregator: u16(1), ports: u16(2), actorKey: u16(3), partnerKey: u16(4), partner: mac(5) };
/** IFLA_BOND_SLAVE_*. */
export const SLAVE = {
  state: u8(1),
  mii: u8(2),
  failures: u32(3),
  permanent: mac(4),
  queue: u16(5),
  aggregator: u16(6),
  actorState: u8(7),
  partnerState: u16(8),
};

const LINKINFO = nest(18);
const INFO = { data: nest(2), slaveData: nest(5) };
const kind = (name: string) => attribute(1, text(name));
const slaveKind = (name: string) => attribute(4, text(name));

export function bondInfo(...data: readonly Uint8Array[]): Uint8Array {
  return LINKINFO(kind("bond"), INFO.data(...data));
}

export function slaveInfo(...data: readonly Uint8Array[]): Uint8Array {
  return LINKINFO(slaveKind("bond"), INFO.slaveData(...data));
}

/** A link that says only its kind, perhaps with data of that kind, or only its master's. */
export const kindInfo = (name: string, ...data: readonly Uint8Array[]) =>
  LINKINFO(kind(name), ...(data.length > 0 ? [INFO.data(...data)] : []));
export const slaveKindInfo = (name: string) => LINKINFO(slaveKind(name));

/** RTM_NEWLINK of an Ethernet link that is up. */
export function newLink(name: string, ifindex: number, ...more: readonly Uint8Array[]): Uint8Array {
  return message(16, concat(words(1 << 16, ifindex, 0x1_1043, 0), attribute(3, text(name)), ...more));
}

/** IFLA_MASTER. */
export const masterIs = u32(10);
