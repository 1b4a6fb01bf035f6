/** A link's counters as the group takes them: each statistic picked by name, 64 bits each (ipmp_phyint_get_kstats of ipmp.c). */

import type { Kstat } from "../kstat/kstat.ts";
import { NET_COUNT, NET_STATISTICS } from "../kstat/net.ts";
import { BITS, type Schema } from "../kstat/schema.ts";
import type { Phyint } from "./phyint.ts";

/** Where each of the 15 lies in the kstats of one schema, and how wide. Made once a schema. */
interface Projection {
  /** Position in `values`; -1 reads as 0. */
  readonly positions: Int32Array;
  /** Whether only the low half counts: int32 and uint32, both taken as unsigned. */
  readonly narrow: Uint8Array;
}

const projections = new WeakMap<Schema, Projection>();

function project(schema: Schema): Projection {
  const known = projections.get(schema);
  if (known !== undefined) return known;
  const positions = new Int32Array(NET_COUNT).fill(-1);
  const narrow = new Uint8Array(NET_COUNT);
  NET_STATISTICS.forEach(({ name }, slot) => {
    const position = schema.indexOf(name);
    const type = position === undefined ? undefined : schema.statistics[position]?.type;
    if (position === undefined || type === undefined || BITS[type] === 0) return;
    positions[slot] = position;
    narrow[slot] = BITS[type] === 32 ? 1 : 0;
  });
  const projection = { positions, narrow };
  projections.set(schema, projection);
  return projection;
}

/** The link's kstat, brought up to date; undefined when there is none to read names from. */
function linkKstat(phyint: Phyint): Kstat | undefined {
  const kstat = phyint.linkKstat();
  kstat?.refresh();
  return kstat?.kind === "named" ? kstat : undefined;
}

/** ipmp_phyint_get_kstats: the 15 statistics into `out`; zeros where the kstat or the name is missing. */
export function phyintGetKstats(phyint: Phyint, out: BigUint64Array): void {
  out.fill(0n);
  addKstats(phyint, undefined, out);
}

/** Adds what the link counted since it joined (now less phyint_kstats0) to `totals`, modulo 2^64: a member's share of its group. */
export function foldKstats(phyint: Phyint, totals: BigUint64Array): void {
  addKstats(phyint, phyint.kstats0, totals);
}

function addKstats(phyint: Phyint, baseline: BigUint64Array | undefined, totals: BigUint64Array): void {
  const kstat = linkKstat(phyint);
  const { positions, narrow } = kstat?.schema === undefined ? ABSENT : project(kstat.schema);
  const values = kstat?.values ?? ZEROS;
  const before = baseline ?? ZEROS;
  // Every index is within bounds, hence the casts. Each sum is one expression, which V8 keeps in a machine word; a bigint in a
  // variable would be allocated on the heap for each statistic of each member.
  for (let slot = 0; slot < NET_COUNT; slot++) {
    const position = positions[slot] as number;
    if (position < 0) {
      totals[slot] = BigInt.asUintN(64, (totals[slot] as bigint) - (before[slot] as bigint));
    } else if (narrow[slot] === 1) {
      const now = BigInt.asUintN(32, values[position] as bigint);
      totals[slot] = BigInt.asUintN(64, (totals[slot] as bigint) + now - (before[slot] as bigint));
    } else {
      totals[slot] = BigInt.asUintN(
        64,
        (totals[slot] as bigint) + (values[position] as bigint) - (before[slot] as bigint),
      );
    }
  }
}

/** For a link without a kstat, and for a member without a baseline. */
const ABSENT: Projection = { positions: new Int32Array(NET_COUNT).fill(-1), narrow: new Uint8Array(NET_COUNT) };
const ZEROS = new BigUint64Array(NET_COUNT);
