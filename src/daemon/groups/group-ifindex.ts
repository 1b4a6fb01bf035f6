/**
 * ifIndexes of groups, which must stay the same over restarts without being written down: a number from the meta-interface's
 * name, in a range that a kernel that counts up does not reach. Where a link or another group has that number already, the next free one is
 * taken: an administrator may give a link any number.
 */

const FIRST = 0x6000_0000;
const COUNT = 1_000_000;

export function groupIfindex(ifname: string, isTaken: (ifindex: number) => boolean): number {
  let offset = fnv1a(ifname) % COUNT;
  while (isTaken(FIRST + offset)) offset = (offset + 1) % COUNT;
  return FIRST + offset;
}

/** FNV-1a, 32 bits (draft-eastlake-fnv). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
