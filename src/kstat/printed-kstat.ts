/** A kstat as kstat(8) of the system has printed it: text, of which nothing is taken away and nothing added. */

export interface PrintedKstat {
  readonly module: string;
  readonly instance: number;
  readonly name: string;
  readonly class: string;
  /** Seconds since boot with nine decimals: when its counters began, and when it was read. */
  readonly crtime: string;
  readonly snaptime: string;
  /** In the order printed, without class, crtime and snaptime. */
  readonly statistics: readonly { readonly name: string; readonly value: string }[];
}
