/**
 * Default routes and IPv6 addresses from /proc/self/net: route, ipv6_route, if_inet6 (net/ipv4/fib_trie.c, net/ipv6/route.c,
 * net/ipv6/addrconf.c).
 *
 * The IPv4 file shows only the first next hop of a multipath route; the others cannot be had without netlink. The IPv6 file
 * has a line for each.
 */

import type { LinkAddress } from "../../link/link-address.ts";
import { ipAddressOf, type IpFamily } from "../../net-address/ip-address.ts";
import type { DefaultRoute } from "../source.ts";
import { addressFlags } from "./address-message.ts";
import { linkNameOfLatin1 } from "./link-name.ts";
import type { LineFilter } from "./proc-lines.ts";
import { mergeRoutes } from "./route-message.ts";

const RTF = { UP: 0x1, GATEWAY: 0x2, REJECT: 0x200, ADDRCONF: 0x0004_0000, CACHE: 0x0100_0000 } as const;

/** Metric of the route that ends every IPv6 table, and turns away what no other takes (ip6_null_entry). */
const LAST_OF_ALL = "ffffffff";
/** In place of a link's name, which a route that leads nowhere has not. */
const NO_LINK = "*";

type IfindexOf = (name: string) => number | undefined;

/** Lines of default routes. The kernel walks IPv4 by ascending destination, so that they are the first ones. */
export const DEFAULT_ROUTES: LineFilter = { line: /^\S+\t00000000\t.*$/gm, inARow: true };
/** The kernel walks IPv6 from the leaves up: its default routes come last. */
export const DEFAULT_IPV6_ROUTES: LineFilter = { line: /^0{32} 00 .*$/gm, inARow: false };

/** Columns: interface, destination, gateway, flags, references, use, metric, mask …; addresses as words in hex. */
export function parseRoutes(lines: readonly string[], ifindexOf: IfindexOf): DefaultRoute[] {
  return lines.flatMap((line) => {
    const [name = "", destination = "", gateway = "", flagText = "", , , metric = "", mask = ""] = line.split(/\s+/);
    const flags = Number.parseInt(flagText, 16);
    const ifindex = ifindexOf(linkNameOfLatin1(name));
    const isDefault = destination === "00000000" && mask === "00000000";
    if (isDefault && name === NO_LINK) return [nowhere("ipv4", Number(metric))];
    if (!isDefault || ifindex === undefined || !usable(flags)) return [];
    const word = Number.parseInt(gateway, 16); // printed as the machine's own; 0 also for a router of the other family
    const bytes = new Uint8Array(Uint32Array.of(word).buffer);
    const hop = { ifindex, gateway: word === 0 ? undefined : ipAddressOf(bytes), weight: 1, dead: false };
    return [{ family: "ipv4" as const, metric: Number(metric), nextHops: [hop], incomplete: true as const }];
  });
}

/** Columns: destination, its length, source, its length, next hop, metric, references, use, flags, interface; all hex. */
export function parseIpv6Routes(lines: readonly string[], ifindexOf: IfindexOf): DefaultRoute[] {
  const routes = lines.flatMap((line) => {
    const [destination = "", length, , sourceLength, gateway = "", metric = "", , , flagText = "", name = ""] =
      line.split(/\s+/);
    const flags = Number.parseInt(flagText, 16);
    const ifindex = ifindexOf(linkNameOfLatin1(name));
    const isDefault = /^0{32}$/.test(destination) && length === "00" && sourceLength === "00";
    if (isDefault && flags & RTF.REJECT && metric !== LAST_OF_ALL)
      return [nowhere("ipv6", Number.parseInt(metric, 16))];
    if (!isDefault || ifindex === undefined || !usable(flags)) return [];
    const hop = {
      ifindex,
      gateway: flags & RTF.GATEWAY ? ipAddressOf(Buffer.from(gateway, "hex")) : undefined,
      weight: 1,
      dead: false,
    };
    const advertised = flags & RTF.ADDRCONF ? { advertised: "medium" as const } : {};
    return [{ family: "ipv6" as const, metric: Number.parseInt(metric, 16), nextHops: [hop], ...advertised }];
  });
  return mergeRoutes(routes);
}

function nowhere(family: IpFamily, metric: number): DefaultRoute {
  return { family, metric, nextHops: [], leadsNowhere: true };
}

function usable(flags: number): boolean {
  return (flags & RTF.UP) !== 0 && (flags & (RTF.REJECT | RTF.CACHE)) === 0;
}

/** Columns: address, ifindex, prefix length, scope, flags (IFA_F_*), all hex, and the name. */
export function parseIfInet6(text: string): LinkAddress[] {
  return text.split("\n").flatMap((line) => {
    const [hex = "", ifindex = "", prefixLength = "", , flags = ""] = line.split(/\s+/);
    const address = /^[0-9a-f]{32}$/.test(hex) ? ipAddressOf(Buffer.from(hex, "hex")) : undefined;
    if (address === undefined || flags === "") return [];
    return [
      {
        ifindex: Number.parseInt(ifindex, 16),
        family: "ipv6" as const,
        address,
        prefixLength: Number.parseInt(prefixLength, 16),
        ...addressFlags(Number.parseInt(flags, 16)),
      },
    ];
  });
}
