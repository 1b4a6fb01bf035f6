/**
 * ifIndexes of groups, which must stay the same over restarts without being written down: a number from the meta-interface's
 * name, in a range that kernels do not reach. Two names that meet take the next free number, the one that came first keeps it.
 */

const FIRST = 1_000_000;
const COUNT = 1_000_000;

export function groupIfindex(ifname: string, taken: ReadonlySet<number>): number {
  let offset = fnv1a(ifname) % COUNT;
  while (taken.has(FIRST + offset)) offset = (offset + 1) % COUNT;
  return FIRST + offset;
}

/** FNV-1a, 32 bits (draft-eastlake-fnv). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
