/** Who has the same hardware address as a member: in a group each is to be unique (mpd_tables.c, phyint_lookup_hwaddr). */

import type { Phyint } from "./phyint.ts";

/** Another member in use with the same hardware address. Members that an administrator took out of use do not count. */
export function onlineTwinOf(phyint: Phyint): Phyint | undefined {
  return twins(phyint).find(({ state }) => state !== "offline");
}

/** The same, or one that is out of use because of its hardware address. */
export function twinOf(phyint: Phyint): Phyint | undefined {
  return twins(phyint).find(({ state, isDuplicate }) => state !== "offline" || isDuplicate);
}

function twins({ group, hardwareAddress, others }: Phyint): Phyint[] {
  if (group.isAnonymous || hardwareAddress === undefined) return [];
  return others.filter((other) => other.hardwareAddress === hardwareAddress);
}
