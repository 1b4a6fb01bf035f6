/**
 * An ifIndex made of a name, for what has none that could be asked for. It stays the same over restarts without being written down. A
 * range of its own keeps it clear of numbers that a kernel gives, and where another has the number already, the next free one is taken.
 */

export interface IfindexRange {
  readonly first: number;
  readonly count: number;
}

/** `name`: in UTF-8. */
export function ifindexOfName(
  name: Uint8Array,
  { first, count }: IfindexRange,
  isTaken: (ifindex: number) => boolean,
): number {
  let offset = fnv1a(name) % count;
  while (isTaken(first + offset)) offset = (offset + 1) % count;
  return first + offset;
}

/** FNV-1a, 32 bits (draft-eastlake-fnv). */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
