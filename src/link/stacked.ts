/** Links that send through another link. */

import type { LinkAttributes } from "./link-attributes.ts";

/**
 * Kinds of links that send through the link below them (IFLA_LINK), which counts what they carry once more: parts of a link, ports of a
 * switch behind it, and tunnels that are bound to it. For a veth IFLA_LINK is the other end, which lies beside it.
 */
const STACKED: ReadonlySet<string | undefined> = new Set([
  ...["vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "dsa", "rmnet", "virt_wifi"],
  ...["gre", "gretap", "erspan", "ip6gre", "ip6gretap", "ip6erspan", "ipip", "sit", "ip6tnl", "vti", "vti6"],
  ...["xfrm", "vxlan"],
]);

/** ifindex of the link that it sends through; undefined where there is none, or where it is not seen. */
export function linkBelow(
  link: { readonly [K in "kind" | "lowerIfindex"]?: LinkAttributes[K] } | undefined,
): number | undefined {
  return STACKED.has(link?.kind) ? link?.lowerIfindex : undefined;
}
