/**
 * IP-MIB (RFC 4293) for the rows of ifTable: ipAddressTable of both families, the legacy ipAddrTable of IPv4, and
 * ipNetToPhysicalTable with what our own addresses are answered for with: a group's is published with the hardware address of the
 * member that it is bound to (ipmp_ipif_bind_ill, ipmp_illgrp_refresh_arpent of illumos), and moves with it.
 */

import { ipOctets } from "../../../net-address/ip-address.ts";
import { isLinkLocal } from "../../../net-address/ip-prefix.ts";
import { formatOid, type Oid, oid } from "../protocol/oid.ts";
import { truth } from "../protocol/syntax.ts";
import { macAddress } from "./interface-rows.ts";
import { localLinks } from "./local-rows.ts";
import type { MibContext } from "./mib-context.ts";
import { type Column, type Entry, type Table, table } from "./mib-table.ts";

/** InetAddressType (RFC 4001). */
const IPV4 = 1;
const IPV6 = 2;
const IPV6_WITH_ZONE = 4;

interface AddressRow {
  readonly octets: Uint8Array;
  /** The link of an address that means something there only, and may stand on another link too (ipv6z, RFC 4001). */
  readonly zone: number | undefined;
  readonly ifindex: number;
  /** Undefined for an address of a group: the group knows only the address. */
  readonly prefixLength: number | undefined;
  readonly up: boolean;
  /** Hardware address by which it is reached; undefined while there is none. */
  readonly physAddress: Uint8Array | undefined;
}

/** IpAddressTC unicast, IpAddressOriginTC, IpAddressStatusTC, RowStatus, StorageType (RFC 4293, RFC 2579). */
const UNICAST = 1;
const ORIGIN_OTHER = 1;
const PREFERRED = 1;
const INACCESSIBLE = 4;
const ACTIVE = 1;
const VOLATILE = 2;

const ZERO_DOT_ZERO: Oid = [0, 0];
const PREFIX_ENTRY = oid("1.3.6.1.2.1.4.32.1");
const PREFIX_ORIGIN = 5;
/** "The value 4294967295 represents infinity." */
const INFINITE = 0xffff_ffff;

const COLUMNS: readonly Column<AddressRow>[] = [
  { number: 3, name: "ipAddressIfIndex", syntax: "Integer32", value: (row) => row.ifindex },
  { number: 4, name: "ipAddressType", syntax: "Integer32", value: () => UNICAST },
  // The first object of the row of ipAddressPrefixTable. Managers read the length at its end.
  {
    number: 5,
    name: "ipAddressPrefix",
    syntax: "ObjectIdentifier",
    value: (row) => {
      const index = prefixIndex(row);
      return index ? [...PREFIX_ENTRY, PREFIX_ORIGIN, ...index] : ZERO_DOT_ZERO;
    },
  },
  { number: 6, name: "ipAddressOrigin", syntax: "Integer32", value: () => ORIGIN_OTHER },
  { number: 7, name: "ipAddressStatus", syntax: "Integer32", value: (row) => (row.up ? PREFERRED : INACCESSIBLE) },
  // Not known: as far as we saw, since the agent started.
  { number: 8, name: "ipAddressCreated", syntax: "TimeTicks", value: () => 0 },
  { number: 9, name: "ipAddressLastChanged", syntax: "TimeTicks", value: () => 0 },
  { number: 10, name: "ipAddressRowStatus", syntax: "Integer32", value: () => ACTIVE },
  { number: 11, name: "ipAddressStorageType", syntax: "Integer32", value: () => VOLATILE },
];

const LEGACY_COLUMNS: readonly Column<AddressRow>[] = [
  { number: 1, name: "ipAdEntAddr", syntax: "IpAddress", value: (row) => row.octets },
  { number: 2, name: "ipAdEntIfIndex", syntax: "Integer32", value: (row) => row.ifindex },
  {
    number: 3,
    name: "ipAdEntNetMask",
    syntax: "IpAddress",
    value: (row) => (row.prefixLength === undefined ? undefined : mask(row.prefixLength)),
  },
  // The low bit of an IPv4 broadcast address, which is all ones.
  { number: 4, name: "ipAdEntBcastAddr", syntax: "Integer32", value: () => 1 },
];

const PREFIX_COLUMNS: readonly Column<undefined>[] = [
  { number: PREFIX_ORIGIN, name: "ipAddressPrefixOrigin", syntax: "Integer32", value: () => ORIGIN_OTHER },
  { number: 6, name: "ipAddressPrefixOnLinkFlag", syntax: "Integer32", value: () => truth(true) },
  { number: 7, name: "ipAddressPrefixAutonomousFlag", syntax: "Integer32", value: () => truth(false) },
  { number: 8, name: "ipAddressPrefixAdvPreferredLifetime", syntax: "Gauge32", value: () => INFINITE },
  { number: 9, name: "ipAddressPrefixAdvValidLifetime", syntax: "Gauge32", value: () => INFINITE },
];

/** ipNetToPhysicalType: one's own address; ipNetToPhysicalState: nothing to be found out (RFC 4293). */
const LOCAL = 5;
const REACHABLE = 1;

const NEIGHBOUR_COLUMNS: readonly Column<AddressRow>[] = [
  { number: 4, name: "ipNetToPhysicalPhysAddress", syntax: "OctetString", value: (row) => row.physAddress },
  // Not known: as far as we saw, since the agent started.
  { number: 5, name: "ipNetToPhysicalLastUpdated", syntax: "TimeTicks", value: () => 0 },
  { number: 6, name: "ipNetToPhysicalType", syntax: "Integer32", value: () => LOCAL },
  { number: 7, name: "ipNetToPhysicalState", syntax: "Integer32", value: () => REACHABLE },
  { number: 8, name: "ipNetToPhysicalRowStatus", syntax: "Integer32", value: () => ACTIVE },
];

function mask(prefixLength: number): Uint8Array {
  return Uint8Array.from([0, 8, 16, 24], (from) => 0xff00 >> Math.min(8, Math.max(0, prefixLength - from)));
}

/** Each address once. An address that a group and a link both have is the group's. */
function addressRows(context: MibContext): readonly AddressRow[] {
  const { groups } = context.snapshot;
  const rows = new Map<string, AddressRow>();
  const shown = new Set(context.interfaces.map(({ ifindex }) => ifindex));
  for (const {
    id: { ifindex },
    attributes: { adminUp, lladdr },
    addresses,
  } of localLinks(context.snapshot)) {
    if (!shown.has(ifindex)) continue;
    for (const { address, prefixLength } of addresses) {
      const octets = ipOctets(address);
      const zone = isLinkLocal(address) ? ifindex : undefined;
      const key = zone === undefined ? address : `${address}%${zone}`;
      if (octets) rows.set(key, { octets, zone, ifindex, prefixLength, up: adminUp, physAddress: hardware(lladdr) });
    }
  }
  for (const { ifindex, addresses, members } of groups) {
    for (const { address, up, inbound } of addresses ?? []) {
      const octets = ipOctets(address);
      const prefixLength = rows.get(address)?.prefixLength;
      const physAddress = hardware(members.find(({ device }) => device === inbound)?.link.attributes.lladdr);
      if (octets) rows.set(address, { octets, zone: undefined, ifindex, prefixLength, up, physAddress });
    }
  }
  return [...rows.values()];
}

/** Undefined for what needs none: a tunnel, an address that is bound to nobody. */
function hardware(lladdr: string | undefined): Uint8Array | undefined {
  return lladdr === undefined || lladdr === "" ? undefined : macAddress(lladdr);
}

/** InetAddressType, then the address as a string: its length and its octets, those of the zone (an ifIndex) at the end. */
function inetAddress(octets: Uint8Array, zone: number | undefined): Oid {
  if (zone === undefined) return [octets.length === 4 ? IPV4 : IPV6, octets.length, ...octets];
  const zoned = [...octets, zone >>> 24, (zone >>> 16) & 0xff, (zone >>> 8) & 0xff, zone & 0xff];
  return [IPV6_WITH_ZONE, zoned.length, ...zoned];
}

function entry(row: AddressRow): Entry<AddressRow> {
  return { index: inetAddress(row.octets, row.zone), row };
}

/** ipAddressPrefixIfIndex, Type, Prefix and Length; undefined for an address of which the length is not known. */
function prefixIndex({ octets, zone, ifindex, prefixLength }: AddressRow): Oid | undefined {
  if (prefixLength === undefined) return undefined;
  const prefix = octets.map((octet, i) => octet & (0xff00 >> Math.min(8, Math.max(0, prefixLength - 8 * i))));
  return [ifindex, ...inetAddress(prefix, zone), prefixLength];
}

/** Several addresses of a link may have one prefix. */
function prefixEntries(context: MibContext): readonly Entry<undefined>[] {
  const indexes = addressRows(context).flatMap((row) => {
    const index = prefixIndex(row);
    return index ? [[formatOid(index), index] as const] : [];
  });
  return Array.from(new Map(indexes).values(), (index) => ({ index, row: undefined }));
}

export const IP_MIB: readonly Table[] = [
  table<AddressRow>({
    name: "ipAddrTable",
    oid: oid("1.3.6.1.2.1.4.20.1"),
    columns: LEGACY_COLUMNS,
    rows: (context) =>
      addressRows(context)
        .filter(({ octets }) => octets.length === 4)
        .map((row) => ({ index: [...row.octets], row })),
  }),
  table<undefined>({
    name: "ipAddressPrefixTable",
    oid: PREFIX_ENTRY,
    columns: PREFIX_COLUMNS,
    rows: prefixEntries,
  }),
  table<AddressRow>({
    name: "ipAddressTable",
    oid: oid("1.3.6.1.2.1.4.34.1"),
    columns: COLUMNS,
    rows: (context) => addressRows(context).map(entry),
  }),
  table<AddressRow>({
    name: "ipNetToPhysicalTable",
    oid: oid("1.3.6.1.2.1.4.35.1"),
    columns: NEIGHBOUR_COLUMNS,
    rows: (context) =>
      addressRows(context)
        .filter(({ up, physAddress }) => up && physAddress !== undefined)
        .map((row) => ({ index: [row.ifindex, ...entry(row).index], row })),
  }),
];
