/** What somebody who has no group yet would write: the links that would be taken for uplinks, as a group of the configuration. */

import type { LinkSnapshot } from "../snapshot/snapshot.ts";

/** ARPHRD_ETHER of if_arp.h. */
const ETHERNET = 1;
/** Kinds of links that stand for others or for nobody. */
const NOT_UPLINKS = new Set(["bridge", "bond", "team", "dummy", "vlan", "ifb", "macvlan", "ipvlan", "tun"]);
const MOST_NAMES = 8;

/** Links that a person would take for uplinks: Ethernet, nobody's members, with a device behind them where there are such. */
export function uplinksAmong(links: readonly LinkSnapshot[]): readonly LinkSnapshot[] {
  const free = links.filter(
    ({ attributes: { hardwareType, masterIfindex, kind } }) =>
      hardwareType === ETHERNET && masterIfindex === undefined && !(kind !== undefined && NOT_UPLINKS.has(kind)),
  );
  const devices = free.filter(({ attributes: { kind } }) => kind === undefined);
  return devices.length > 0 ? devices : free;
}

/** "[eth0, eth1]" as YAML has it; made-up names where no link would do. */
export function interfacesOf(links: readonly LinkSnapshot[]): string {
  const names = links
    .slice(0, MOST_NAMES)
    .map(({ attributes: { name } }) => (/^[A-Za-z][\w.-]*$/.test(name) ? name : JSON.stringify(name)));
  return `[${(names.length > 0 ? names : ["eth0", "eth1"]).join(", ")}]`;
}
