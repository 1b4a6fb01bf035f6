/** Counters of 64 bits as pairs of 32-bit words in the machine's own order: sums without a bigint, which would be an object each. */

import { HIGH, LOW } from "../../os/words.ts";

/** out += words, modulo 2^64. */
export function addWords(out: Uint32Array, to: number, words: Uint32Array, from: number): void {
  const low = (out[to + LOW] ?? 0) + (words[from + LOW] ?? 0);
  out[to + LOW] = low;
  out[to + HIGH] = (out[to + HIGH] ?? 0) + (words[from + HIGH] ?? 0) + (low > 0xffffffff ? 1 : 0);
}
