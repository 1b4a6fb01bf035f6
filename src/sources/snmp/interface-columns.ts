/**
 * The columns of IF-MIB (RFC 2863) that a link is read by, and which of them make which statistic. Each counter has 64 bits where the
 * device has such a column for the link, and 32 otherwise; which is decided at first sight and kept.
 */

import { Schema } from "../../kstat/schema.ts";
import { counter32, counter64, type Varbind, type Varbinds } from "./varbind.ts";

const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";

export const IF_DESCR = `${IF_ENTRY}.2`;
export const IF_TYPE = `${IF_ENTRY}.3`;
export const IF_MTU = `${IF_ENTRY}.4`;
export const IF_PHYS_ADDRESS = `${IF_ENTRY}.6`;
export const IF_ADMIN_STATUS = `${IF_ENTRY}.7`;
export const IF_OPER_STATUS = `${IF_ENTRY}.8`;
export const IF_SPEED = `${IF_ENTRY}.5`;
export const IF_NAME = `${IFX_ENTRY}.1`;
export const IF_HIGH_SPEED = `${IFX_ENTRY}.15`;
export const IF_ALIAS = `${IFX_ENTRY}.18`;
export const IF_COUNTER_DISCONTINUITY_TIME = `${IFX_ENTRY}.19`;

/** IANAifType: the values of ifType that mean something here. */
export const IANA_IF_TYPE = {
  ethernetCsmacd: 6,
  softwareLoopback: 24,
  propVirtual: 53,
  propMultiplexor: 54,
  l2vlan: 135,
  l3ipvlan: 136,
  ieee8023adLag: 161,
} as const;

interface Column {
  readonly oid: string;
  readonly bits: 32 | 64;
}

/** A number that a device counts for a link, in the columns that can hold it, the best first. */
interface Counter {
  readonly columns: readonly Column[];
}

const wide = (column: number) => ({ oid: `${IFX_ENTRY}.${column}`, bits: 64 }) as const;
const narrow = (oid: string) => ({ oid, bits: 32 }) as const;

const COUNTERS = {
  inOctets: { columns: [wide(6), narrow(`${IF_ENTRY}.10`)] },
  inUnicast: { columns: [wide(7), narrow(`${IF_ENTRY}.11`)] },
  inMulticast: { columns: [wide(8), narrow(`${IFX_ENTRY}.2`)] },
  inBroadcast: { columns: [wide(9), narrow(`${IFX_ENTRY}.3`)] },
  /** Multicast and broadcast together: deprecated, and all that there is without ifXTable. */
  inNonUnicast: { columns: [narrow(`${IF_ENTRY}.12`)] },
  inErrors: { columns: [narrow(`${IF_ENTRY}.14`)] },
  outOctets: { columns: [wide(10), narrow(`${IF_ENTRY}.16`)] },
  outUnicast: { columns: [wide(11), narrow(`${IF_ENTRY}.17`)] },
  outMulticast: { columns: [wide(12), narrow(`${IFX_ENTRY}.4`)] },
  outBroadcast: { columns: [wide(13), narrow(`${IFX_ENTRY}.5`)] },
  outNonUnicast: { columns: [narrow(`${IF_ENTRY}.18`)] },
  outErrors: { columns: [narrow(`${IF_ENTRY}.20`)] },
} as const satisfies Record<string, Counter>;
type CounterName = keyof typeof COUNTERS;

/** Statistics, and the counters of which each is the sum; where one of the first list is missing, the second holds. */
const STATISTICS: readonly (readonly [name: string, sum: readonly CounterName[], else_?: readonly CounterName[]])[] = [
  ["obytes", ["outOctets"]],
  ["obytes64", ["outOctets"]],
  ["rbytes", ["inOctets"]],
  ["rbytes64", ["inOctets"]],
  ["opackets", ["outUnicast", "outMulticast", "outBroadcast"], ["outUnicast", "outNonUnicast"]],
  ["opackets64", ["outUnicast", "outMulticast", "outBroadcast"], ["outUnicast", "outNonUnicast"]],
  ["oerrors", ["outErrors"]],
  ["ipackets", ["inUnicast", "inMulticast", "inBroadcast"], ["inUnicast", "inNonUnicast"]],
  ["ipackets64", ["inUnicast", "inMulticast", "inBroadcast"], ["inUnicast", "inNonUnicast"]],
  ["ierrors", ["inErrors"]],
  ["multircv", ["inMulticast"]],
  ["multixmt", ["outMulticast"]],
  ["brdcstrcv", ["inBroadcast"]],
  ["brdcstxmt", ["outBroadcast"]],
];

/** Statistics of a link of a device, which may have only some of them. */
export const INTERFACE_SCHEMA = new Schema(STATISTICS.map(([name]) => ({ name, type: "uint64" })));

const IN_OCTETS = INTERFACE_SCHEMA.indexOf("rbytes64") ?? 0;
const OUT_OCTETS = INTERFACE_SCHEMA.indexOf("obytes64") ?? 0;

const COLUMNS: readonly Column[] = Object.values(COUNTERS).flatMap(({ columns }): readonly Column[] => columns);

/** Every column that a counter may be in: asked for once, when a link is first seen. */
export const COUNTER_COLUMNS: readonly string[] = COLUMNS.map(({ oid }) => oid);

/** Columns of 64 bits. */
export const WIDE_COLUMNS: ReadonlySet<string> = new Set(
  COLUMNS.filter(({ bits }) => bits === 64).map(({ oid }) => oid),
);

/** Octets in and out, in either width. */
export const OCTET_COLUMNS = [COUNTERS.inOctets, COUNTERS.outOctets].map(({ columns: [wide, narrow] }) => ({
  wide: wide.oid,
  narrow: narrow.oid,
}));

/** How one link is read: the columns that its counters are in. */
export class InterfaceColumns {
  /** Columns to ask for. */
  readonly oids: readonly string[];
  /** Width of each statistic, in the order of the schema: a sum is as narrow as its narrowest part. 0: the device has no such counter. */
  readonly bits: readonly (0 | 32 | 64)[];
  readonly #sums: readonly (readonly Column[])[];

  /** `has`: whether the device has that column for the link. */
  constructor(has: (oid: string) => boolean) {
    const chosen = new Map<CounterName, Column | undefined>();
    for (const name of Object.keys(COUNTERS) as CounterName[]) {
      const columns: readonly Column[] = COUNTERS[name].columns;
      chosen.set(
        name,
        columns.find(({ oid }) => has(oid)),
      );
    }
    const columnsOf = (names: readonly CounterName[]) => names.map((name) => chosen.get(name));
    this.#sums = STATISTICS.map(([, sum, otherwise = sum]) => {
      const best = columnsOf(sum);
      const parts = best.every((column) => column !== undefined) ? best : columnsOf(otherwise);
      return parts.filter((column) => column !== undefined);
    });
    this.bits = this.#sums.map((parts) => (parts.length === 0 ? 0 : parts.some(({ bits }) => bits === 32) ? 32 : 64));
    this.oids = [...new Set(this.#sums.flat().map(({ oid }) => oid))];
  }

  /**
   * The statistics from the values of one answer. Undefined when one of them is missing, or is no counter of its width: then nothing of
   * the answer is taken.
   */
  read(value: (oid: string) => Varbind | undefined): BigUint64Array | undefined {
    const words = new BigUint64Array(this.#sums.length);
    for (const [slot, parts] of this.#sums.entries()) {
      let sum = 0n;
      for (const { oid, bits } of parts) {
        const part = bits === 64 ? counter64(value(oid)) : counter32(value(oid));
        if (part === undefined) return undefined;
        sum += part;
      }
      words[slot] = BigInt.asUintN(this.bits[slot] ?? 64, sum);
    }
    return words;
  }
}

/** Octets in and out together, of the statistics of one answer. */
export function octetsOf(counters: BigUint64Array): bigint {
  return (counters[IN_OCTETS] ?? 0n) + (counters[OUT_OCTETS] ?? 0n);
}

/** The instance of a column for one link. */
export function instance(column: string, ifindex: number): string {
  return `${column}.${ifindex}`;
}

/** The values of one link, by column. */
export function valuesOf(ifindex: number, varbinds: Varbinds): (column: string) => Varbind | undefined {
  return (column) => varbinds.get(instance(column, ifindex));
}

/** Whether there is a counter in that column. */
export function isCounter(varbind: Varbind | undefined): boolean {
  return counter64(varbind) !== undefined || counter32(varbind) !== undefined;
}
