/**
 * ifIndexes of groups, which must stay the same over restarts without being written down: a number from the meta-interface's
 * name, in a range that a kernel that counts up does not reach. Where a link or another group has that number already, the next free one is
 * taken: an administrator may give a link any number.
 */

import { ifindexOfName } from "../../link/ifindex-of-name.ts";

const RANGE = { first: 0x6000_0000, count: 1_000_000 };

export function groupIfindex(ifname: string, isTaken: (ifindex: number) => boolean): number {
  return ifindexOfName(new TextEncoder().encode(ifname), RANGE, isTaken);
}
