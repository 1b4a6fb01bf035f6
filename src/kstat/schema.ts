/** What a named kstat holds: statistics with a type each, in order (kstat(3KSTAT), kstat_named_t). */

/** KSTAT_DATA_*: long and ulong are 64 bits wide, as in a 64-bit kernel. */
export const STATISTIC_TYPES = ["int32", "uint32", "int64", "uint64", "long", "ulong", "string"] as const;
export type StatisticType = (typeof STATISTIC_TYPES)[number];

/** How many bits a number of that type has; 0 of text. Each is stored in a word of 64, of which those with 32 are the low half. */
export const BITS: Readonly<Record<StatisticType, 0 | 32 | 64>> = {
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
  long: 64,
  ulong: 64,
  string: 0,
};

export interface StatisticDefinition {
  readonly name: string;
  readonly type: StatisticType;
}

/** An ordered list of statistics, shared by every kstat of one make. A name may stand twice; the first one counts. */
export class Schema {
  readonly statistics: readonly StatisticDefinition[];
  readonly #first = new Map<string, number>();

  constructor(statistics: readonly StatisticDefinition[]) {
    this.statistics = statistics;
    statistics.forEach(({ name }, index) => {
      if (!this.#first.has(name)) this.#first.set(name, index);
    });
  }

  /** Position of the first statistic of that name, or undefined (kstat_data_lookup). */
  indexOf(name: string): number | undefined {
    return this.#first.get(name);
  }
}
