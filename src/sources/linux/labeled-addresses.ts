/**
 * IPv4 addresses of links as getifaddrs(3) has them (os.networkInterfaces of Node): no file of procfs ties them to a link. An address is
 * told with its label, which is the link's name, or that, a colon and anything ("eth0:vip").
 */

import type { NetworkInterfaceInfo } from "node:os";
import type { LinkAddress } from "../../link/link-address.ts";

/** Addresses by label. */
export type Interfaces = NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

export function ipv4Addresses(interfaces: Interfaces, ifindexes: ReadonlyMap<string, number>): LinkAddress[] {
  return Object.entries(interfaces).flatMap(([label, infos = []]) => {
    const ifindex = ifindexOf(label, ifindexes);
    if (ifindex === undefined) return [];
    return infos
      .filter(({ family }) => family === "IPv4")
      .map(({ address, cidr }) => ({
        ifindex,
        family: "ipv4" as const,
        address,
        prefixLength: Number(cidr?.split("/")[1] ?? 32),
        tentative: false,
        duplicate: false,
      }));
  });
}

function ifindexOf(label: string, ifindexes: ReadonlyMap<string, number>): number | undefined {
  const colon = label.lastIndexOf(":");
  return ifindexes.get(label) ?? (colon > 0 ? ifindexes.get(label.slice(0, colon)) : undefined);
}
