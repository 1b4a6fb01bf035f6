/** Data addresses in a snapshot: where IPMP would have them, and which of this host's links have them. */

import { addressesOf } from "../../ip/addresses.ts";
import { illsOf } from "../../ip/ip.ts";
import type { AddressSnapshot } from "../../snapshot/snapshot.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Group } from "../groups/group.ts";
import type { Link } from "../links/link.ts";

/** The data addresses of a group, with the member that each is bound to and the links that have it. */
export function addressSnapshots(group: Group, holders: Holders): AddressSnapshot[] {
  return illsOf(group.engine.phyint).flatMap((ill) =>
    addressesOf(ill).map(({ addr, isUp, boundIll }) => ({
      address: addr,
      family: FAMILY_NAMES[ill.family],
      up: isUp,
      inbound: group.labelOf(boundIll?.phyint),
      heldBy: holders(addr),
    })),
  );
}

/** Names of this host's links that have an address. */
export type Holders = (address: string) => readonly string[];

/** Looks through this host's links when the first address is asked for: most groups have none, and a host can have thousands of links. */
export function holdersOf(links: Iterable<Link>): Holders {
  let byAddress: Map<string, string[]> | undefined;
  return (address) => {
    byAddress ??= namesByAddress(links);
    return byAddress.get(address) ?? [];
  };
}

function namesByAddress(links: Iterable<Link>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { attributes, addresses } of links) {
    for (const { address } of addresses) names.set(address, [...(names.get(address) ?? []), attributes.name]);
  }
  return names;
}
