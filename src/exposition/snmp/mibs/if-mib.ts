/** IF-MIB (RFC 2863): ifNumber, ifTable, ifXTable, ifStackTable. What a row means is in interface-rows.ts. */

import { NET_INDEX, type NetStatistic } from "../../../kstat/net.ts";
import { type Oid, oid } from "../protocol/oid.ts";
import { low32, truth } from "../protocol/syntax.ts";
import type { InterfaceRow } from "./interface-rows.ts";
import { localMembers } from "./local-rows.ts";
import type { MibContext } from "./mib-context.ts";
import { type Column, type Entry, scalars, type Table, table } from "./mib-table.ts";

/** RowStatus and ifStackStatus: the only one that a read-only agent has. */
const ACTIVE = 1;
const ENABLED = 1;
const UP = 1;
const DOWN = 2;

/** DisplayString (SIZE (0..64)) of ifAlias. */
const ALIAS_OCTETS = 64;
const GAUGE32_MAX = 0xffff_ffffn;

/** One direction of packets of a row: `kstats` of which the sum is wanted, or the rest of `of` once they are taken away. */
interface PacketCount {
  readonly of?: NetStatistic;
  readonly kstats: readonly NetStatistic[];
}

/** ipackets64 counts every packet; RFC 2863 splits it. So unicast + multicast + broadcast is what Prometheus shows. */
const PACKETS = {
  inUnicast: { of: "ipackets64", kstats: ["multircv", "brdcstrcv"] },
  outUnicast: { of: "opackets64", kstats: ["multixmt", "brdcstxmt"] },
  inMulticast: { kstats: ["multircv"] },
  inBroadcast: { kstats: ["brdcstrcv"] },
  outMulticast: { kstats: ["multixmt"] },
  outBroadcast: { kstats: ["brdcstxmt"] },
  inNonUnicast: { kstats: ["multircv", "brdcstrcv"] },
  outNonUnicast: { kstats: ["multixmt", "brdcstxmt"] },
  inOctets: { kstats: ["rbytes64"] },
  outOctets: { kstats: ["obytes64"] },
  inErrors: { kstats: ["ierrors"] },
  outErrors: { kstats: ["oerrors"] },
} as const satisfies Record<string, PacketCount>;

/** What a source or a link cannot provide counts as nothing in a difference; it is never shown by itself. */
function count(row: InterfaceRow, context: MibContext, packets: PacketCount): bigint | undefined {
  const { lacks } = row;
  if (lacks && (packets.of === undefined ? packets.kstats.every((name) => lacks.has(name)) : lacks.has(packets.of)))
    return undefined;
  let sum = 0n;
  for (const name of packets.kstats) {
    if (context.snapshot.supported.has(name)) sum += row.counter(NET_INDEX[name]);
  }
  if (packets.of === undefined) return sum;
  const all = row.counter(NET_INDEX[packets.of]);
  // Drivers count multicasts and packets at different moments: never below zero.
  return all > sum ? all - sum : 0n;
}

function supports(packets: PacketCount): (context: MibContext) => boolean {
  const { of } = packets;
  return ({ snapshot: { supported } }) =>
    of === undefined ? packets.kstats.some((name) => supported.has(name)) : supported.has(of);
}

function counter32(number: number, name: string, packets: PacketCount): Column<InterfaceRow> {
  const value = (row: InterfaceRow, context: MibContext) => half(count(row, context, packets));
  return { number, name, syntax: "Counter32", value, exists: supports(packets) };
}

function counter64(number: number, name: string, packets: PacketCount): Column<InterfaceRow> {
  const value = (row: InterfaceRow, context: MibContext) => {
    const counted = count(row, context, packets);
    return counted === undefined ? undefined : BigInt.asUintN(64, counted);
  };
  return { number, name, syntax: "Counter64", value, exists: supports(packets) };
}

const half = (value: bigint | undefined) => (value === undefined ? undefined : low32(value));

const IF_COLUMNS: readonly Column<InterfaceRow>[] = [
  { number: 1, name: "ifIndex", syntax: "Integer32", value: (row) => row.ifindex },
  { number: 2, name: "ifDescr", syntax: "OctetString", value: (row) => row.name },
  { number: 3, name: "ifType", syntax: "Integer32", value: (row) => row.type },
  { number: 4, name: "ifMtu", syntax: "Integer32", value: (row) => row.mtu },
  {
    number: 5,
    name: "ifSpeed",
    syntax: "Gauge32",
    value: ({ bitsPerSecond }) => Number(bitsPerSecond > GAUGE32_MAX ? GAUGE32_MAX : bitsPerSecond),
  },
  { number: 6, name: "ifPhysAddress", syntax: "OctetString", value: (row) => row.physAddress },
  { number: 7, name: "ifAdminStatus", syntax: "Integer32", value: (row) => (row.adminUp ? UP : DOWN) },
  { number: 8, name: "ifOperStatus", syntax: "Integer32", value: (row) => row.operStatus },
  { number: 9, name: "ifLastChange", syntax: "TimeTicks", value: (row, context) => context.ticks(row.lastChange) },
  counter32(10, "ifInOctets", PACKETS.inOctets),
  counter32(11, "ifInUcastPkts", PACKETS.inUnicast),
  counter32(12, "ifInNUcastPkts", PACKETS.inNonUnicast),
  { number: 13, name: "ifInDiscards", syntax: "Counter32", value: (row) => half(row.discardsIn) },
  counter32(14, "ifInErrors", PACKETS.inErrors),
  { number: 15, name: "ifInUnknownProtos", syntax: "Counter32", value: (row) => half(row.unknownProtocols) },
  counter32(16, "ifOutOctets", PACKETS.outOctets),
  counter32(17, "ifOutUcastPkts", PACKETS.outUnicast),
  counter32(18, "ifOutNUcastPkts", PACKETS.outNonUnicast),
  { number: 19, name: "ifOutDiscards", syntax: "Counter32", value: (row) => half(row.discardsOut) },
  counter32(20, "ifOutErrors", PACKETS.outErrors),
];

const IFX_COLUMNS: readonly Column<InterfaceRow>[] = [
  { number: 1, name: "ifName", syntax: "OctetString", value: (row) => row.name },
  counter32(2, "ifInMulticastPkts", PACKETS.inMulticast),
  counter32(3, "ifInBroadcastPkts", PACKETS.inBroadcast),
  counter32(4, "ifOutMulticastPkts", PACKETS.outMulticast),
  counter32(5, "ifOutBroadcastPkts", PACKETS.outBroadcast),
  counter64(6, "ifHCInOctets", PACKETS.inOctets),
  counter64(7, "ifHCInUcastPkts", PACKETS.inUnicast),
  counter64(8, "ifHCInMulticastPkts", PACKETS.inMulticast),
  counter64(9, "ifHCInBroadcastPkts", PACKETS.inBroadcast),
  counter64(10, "ifHCOutOctets", PACKETS.outOctets),
  counter64(11, "ifHCOutUcastPkts", PACKETS.outUnicast),
  counter64(12, "ifHCOutMulticastPkts", PACKETS.outMulticast),
  counter64(13, "ifHCOutBroadcastPkts", PACKETS.outBroadcast),
  // Every row's changes are notified, whenever there is somebody to notify.
  { number: 14, name: "ifLinkUpDownTrapEnable", syntax: "Integer32", value: () => ENABLED },
  {
    number: 15,
    name: "ifHighSpeed",
    syntax: "Gauge32",
    // Rounded: "a value of n means a speed of n-500,000 to n+499,999".
    value: ({ bitsPerSecond }) => low32((bitsPerSecond + 500_000n) / 1_000_000n),
  },
  {
    number: 16,
    name: "ifPromiscuousMode",
    syntax: "Integer32",
    value: (row) => (row.promiscuous === undefined ? undefined : truth(row.promiscuous)),
  },
  { number: 17, name: "ifConnectorPresent", syntax: "Integer32", value: (row) => truth(row.connectorPresent) },
  { number: 18, name: "ifAlias", syntax: "OctetString", value: (row) => shorten(row.alias, ALIAS_OCTETS) },
  {
    number: 19,
    name: "ifCounterDiscontinuityTime",
    syntax: "TimeTicks",
    value: (row, context) => context.ticks(row.crtime),
  },
];

/** As many whole characters of `text` as fit in that many octets of UTF-8. */
function shorten(text: string, octets: number): string {
  let end = 0;
  let used = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    used += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (used > octets) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function interfaceEntries(context: MibContext): readonly Entry<InterfaceRow>[] {
  return context.interfaces.map((row) => ({ index: [row.ifindex], row }));
}

/** (higher, lower) pairs: each group over its members, 0 above what has nothing above and below what has nothing below. */
export function stack(context: MibContext): readonly Oid[] {
  const { groups } = context.snapshot;
  const pairs = groups.flatMap((group) =>
    localMembers(group).map(({ link }) => [group.ifindex, link.id.ifindex] as const),
  );
  const over = new Set(pairs.map(([higher]) => higher));
  const under = new Set(pairs.map(([, lower]) => lower));
  const rows = context.interfaces.map(({ ifindex }) => ifindex);
  return [
    ...pairs,
    ...rows.filter((ifindex) => !under.has(ifindex)).map((ifindex) => [0, ifindex]),
    ...rows.filter((ifindex) => !over.has(ifindex)).map((ifindex) => [ifindex, 0]),
  ];
}

const STACK_COLUMNS: readonly Column<undefined>[] = [
  { number: 3, name: "ifStackStatus", syntax: "Integer32", value: () => ACTIVE },
];

export const IF_MIB: readonly Table[] = [
  scalars("interfaces", oid("1.3.6.1.2.1.2"), [
    { number: 1, name: "ifNumber", syntax: "Integer32", value: (_, context) => context.interfaceCount },
  ]),
  table({ name: "ifTable", oid: oid("1.3.6.1.2.1.2.2.1"), columns: IF_COLUMNS, rows: interfaceEntries }),
  table({ name: "ifXTable", oid: oid("1.3.6.1.2.1.31.1.1.1"), columns: IFX_COLUMNS, rows: interfaceEntries }),
  table({
    name: "ifStackTable",
    oid: oid("1.3.6.1.2.1.31.1.2.1"),
    columns: STACK_COLUMNS,
    rows: (context) => stack(context).map((index) => ({ index, row: undefined })),
  }),
  scalars("ifMIBObjects", oid("1.3.6.1.2.1.31.1"), [
    {
      number: 5,
      name: "ifTableLastChange",
      syntax: "TimeTicks",
      value: (_, context) => context.ticks(context.snapshot.tableLastChange),
    },
    {
      number: 6,
      name: "ifStackLastChange",
      syntax: "TimeTicks",
      value: (_, context) => context.ticks(context.snapshot.stackLastChange),
    },
  ]),
];
