/** Machine words in structures of the C library: 4 or 8 bytes, in the machine's own order. */

/** Which 32 bits of a 64-bit word are the lower half on this machine, and which the upper one: 0 the first, 1 the second. */
export const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
export const HIGH = 1 - LOW;

const ABOVE_LOW = 2 ** 32;

/** Bytes of a pointer, a size and a long. */
export type WordSize = 4 | 8;

/**
 * Reads the n-th word of a structure. It is to be less than 2^53, and not negative. By halves, because a BigInt for each word that is read is
 * one that is thrown away.
 */
export function wordsOf(buffer: ArrayBuffer, size: WordSize): (index: number) => number {
  const halves = new Uint32Array(buffer);
  if (size === 4) return (index) => halves[index] ?? 0;
  return (index) => (halves[2 * index + HIGH] ?? 0) * ABOVE_LOW + (halves[2 * index + LOW] ?? 0);
}
