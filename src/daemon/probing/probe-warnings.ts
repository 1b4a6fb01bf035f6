/**
 * What keeps answers to probes from arriving, though the paths are sound: targets that are addresses of this host, and settings of the kernel
 * that do not suit links in one subnet (rp_filter and arp_ignore in the kernel's ip-sysctl.rst).
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../config/configuration.ts";
import type { LinkAddress } from "../../link/link-address.ts";
import { contains } from "../../net-address/ip-prefix.ts";

/** An address of this host, and the name of its link. */
export interface OwnAddress extends LinkAddress {
  readonly device: string;
}

/** What a setting is to be for links that share a subnet, and whether another value serves as well. */
const SETTINGS = [
  { name: "rp_filter", value: 2, serves: (value: number) => value !== 1 },
  { name: "arp_ignore", value: 1, serves: (value: number) => value > 0 },
] as const;

/** One line each; none where nobody is probed. */
export function probeWarnings(
  { detection: { probes }, groups, path }: Pick<Configuration, "detection" | "groups" | "path">,
  addresses: readonly OwnAddress[],
): string[] {
  if (!probes.enabled && !groups.some((group) => group.probes === true)) return [];
  const ownTargets = [...probes.targets].flatMap(([device, targets]) =>
    targets.flatMap((target) => {
      const own = addresses.find(({ address }) => address === target);
      return own
        ? [
            `detection.probes.targets: ${target} of ${device} is an address of this host (${own.device}): no probe to it leaves`,
          ]
        : [];
    }),
  );
  return [...ownTargets, ...subnetsOf(addresses).flatMap((subnet) => subnetWarning(subnet, path.procfs))];
}

/** The IPv4 addresses of several links that share a subnet, a list for each subnet. */
function subnetsOf(addresses: readonly OwnAddress[]): OwnAddress[][] {
  const subnets: OwnAddress[][] = [];
  for (const own of addresses) {
    if (own.family !== "ipv4") continue;
    const subnet = subnets.find(([first]) => first && contains(first, own.address) && contains(own, first.address));
    if (!subnet) subnets.push([own]);
    else if (!subnet.some(({ device }) => device === own.device)) subnet.push(own);
  }
  return subnets.filter((subnet) => subnet.length > 1);
}

function subnetWarning(subnet: readonly OwnAddress[], procfs: string): string[] {
  const wrong = SETTINGS.filter(({ name, serves }) =>
    subnet.some(({ device }) => {
      const value = valueOf(procfs, device, name);
      return value !== undefined && !serves(value);
    }),
  );
  if (wrong.length === 0) return [];
  const links = subnet
    .map(({ device, address, prefixLength }) => `${device} (${address}/${prefixLength})`)
    .join(" and ");
  const settings = wrong.map(({ name, value }) => `net.ipv4.conf.all.${name}=${value}`).join(" and ");
  return [`${links} are in one subnet: answers to probes of one may come by the other, or be dropped; set ${settings}`];
}

/** What is in force: the larger one of the value for all links and the link's own. Undefined where neither can be read. */
function valueOf(procfs: string, device: string, setting: string): number | undefined {
  const values = ["all", device].flatMap((scope) => {
    try {
      return [Number(readFileSync(join(procfs, "sys", "net", "ipv4", "conf", scope, setting), "utf8"))];
    } catch {
      return [];
    }
  });
  return values.length === 0 ? undefined : Math.max(...values);
}
