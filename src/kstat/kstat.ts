/** One kstat: an identity, a beginning, and named values brought up to date when they are read (sys/kstat.h). */

import type { Hrtime } from "./hrtime.ts";
import type { Schema } from "./schema.ts";

/** module:instance:name identifies a kstat; the class sorts it. kstat(8) selects by all four. */
export interface KstatId {
  readonly module: string;
  readonly instance: number;
  readonly name: string;
  readonly class: string;
}

/** KSTAT_TYPE_*. Only named kstats have statistics that can be looked up by name. */
export const KSTAT_KINDS = ["raw", "named", "intr", "io", "timer"] as const;
export type KstatKind = (typeof KSTAT_KINDS)[number];

export interface KstatSpec {
  readonly id: KstatId;
  readonly kind?: KstatKind;
  /** Undefined: the kstat exists and has no data. */
  readonly schema: Schema | undefined;
  readonly crtime: Hrtime;
  /** ks_update for a read: refreshes `kstat.values` in place, before every look at them. */
  readonly update?: (kstat: Kstat) => void;
}

export class Kstat {
  readonly id: KstatId;
  /** ks_crtime: when these counters began. A changed crtime means that they all restarted. */
  readonly crtime: Hrtime;
  kind: KstatKind;
  schema: Schema | undefined;
  /** One 64-bit word a statistic, in schema order; signed values in two's complement, a string's slot unused. */
  values: BigUint64Array;
  readonly #update: ((kstat: Kstat) => void) | undefined;

  constructor(spec: KstatSpec) {
    this.id = spec.id;
    this.kind = spec.kind ?? "named";
    this.crtime = spec.crtime;
    this.schema = spec.schema;
    this.values = new BigUint64Array(spec.schema?.statistics.length ?? 0);
    this.#update = spec.update;
  }

  /** Brings `values` up to date (KSTAT_READ of ks_update). Every reader calls it first. */
  refresh(): void {
    this.#update?.(this);
  }
}

/** A kstat as it was at one instant; shares nothing with the live one. */
export interface KstatReading {
  readonly id: KstatId;
  readonly crtime: Hrtime;
  readonly snaptime: Hrtime;
  readonly schema: Schema | undefined;
  readonly values: BigUint64Array;
}

/** The value of the first statistic of that name, or undefined when the kstat has none. */
export function valueOf(reading: KstatReading, statistic: string): bigint | undefined {
  const index = reading.schema?.indexOf(statistic);
  return index === undefined ? undefined : reading.values[index];
}
