/** 64-bit counters, read in halves: a bigint made for each of tens of thousands would be most of a scrape's cost. */

export interface Words {
  readonly values: BigUint64Array;
  /** The whole memory that `values` lies in, as 32-bit halves, and where in it `values` begins. */
  readonly halves: Uint32Array;
  readonly start: number;
}

/** Rows of counters usually share one block of memory: its halves are looked at through one array. */
let block: Uint32Array = new Uint32Array(0);

export function words(values: BigUint64Array): Words {
  if (block.buffer !== values.buffer) block = new Uint32Array(values.buffer);
  return { values, halves: block, start: values.byteOffset / 4 };
}

/** Where the less significant half of a 64-bit word lies on this machine: 0, or 1 on a big-endian one. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

export function highHalf({ halves, start }: Words, index: number): number {
  return halves[start + 2 * index + HIGH] ?? 0;
}

export function lowHalf({ halves, start }: Words, index: number): number {
  return halves[start + 2 * index + LOW] ?? 0;
}
