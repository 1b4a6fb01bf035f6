/**
 * Which ifindex belongs to a name, from /proc/self/net, which is always the process's own network namespace. No single file
 * has every link: igmp has those that are up, dev_mcast those with a multicast address, if_inet6 those with an IPv6
 * address, dev_snmp6/NAME one each where IPv6 is on. Their texts here are latin1, so that no byte of a name is lost.
 */

import { ifindexOfName } from "../../link/ifindex-of-name.ts";
import { linkNameOfLatin1 } from "./link-name.ts";

/** A line of igmp: "4\teth0      :     1      V3". Lines of the groups begin with tabs. */
const IGMP = /^(\d+)\s+(\S+)\s*:/gm;
/** A line of dev_mcast: "4    eth0            1     0     333300000001". */
const DEV_MCAST = /^(\d+)\s+(\S+)\s+\d+\s+\d+\s+[0-9a-f]/gm;
/** A line of if_inet6: address, ifindex, prefix length, scope, flags, all in hex, and the name. */
const IF_INET6 = /^[0-9a-f]{32} ([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +(\S+)$/gm;

export interface IfindexFiles {
  readonly igmp: string;
  readonly devMcast: string;
  readonly ifInet6: string;
}

export function parseIfindexes({ igmp, devMcast, ifInet6 }: IfindexFiles): Map<string, number> {
  const found = new Map<string, number>();
  const take = (text: string, line: RegExp, base: number): void => {
    for (const [, ifindex = "", name = ""] of text.matchAll(line))
      found.set(linkNameOfLatin1(name), Number.parseInt(ifindex, base));
  };
  take(ifInet6, IF_INET6, 16);
  take(devMcast, DEV_MCAST, 10);
  take(igmp, IGMP, 10);
  return found;
}

/** Names of the links that are up: a link joins 224.0.0.1 when it is brought up and leaves it when it is taken down. */
export function parseUpLinks(igmp: string): Set<string> {
  return new Set(Array.from(igmp.matchAll(IGMP), ([, , name = ""]) => linkNameOfLatin1(name)));
}

/** The first line of dev_snmp6/NAME: "ifIndex    4". */
export function parseSnmp6Ifindex(text: string): number | undefined {
  const [, ifindex] = /^ifIndex\s+(\d+)/.exec(text) ?? [];
  return ifindex === undefined ? undefined : Number(ifindex);
}

/** Above all ifindexes of the kernel, which count up from 1. Behind them come those of groups. */
const MADE_UP = { first: 0x4000_0000, count: 0x2000_0000 };

/**
 * Numbers by name, no two the same. A link whose number no file tells (IPv6 switched off, link down, no sysfs) keeps the one that it
 * had (`known`); a new one has one made of its name, the same after a restart.
 */
export function numberLinks(
  names: readonly string[],
  told: (name: string) => number | undefined,
  known: ReadonlyMap<string, number>,
): Map<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  const isTaken = (ifindex: number) => taken.has(ifindex);
  const madeUp = (name: string) => ifindexOfName(new TextEncoder().encode(name), MADE_UP, isTaken);
  for (const numberOf of [told, (name: string) => known.get(name), madeUp]) {
    for (const name of names) {
      const ifindex = numbers.has(name) ? undefined : numberOf(name);
      if (ifindex === undefined || taken.has(ifindex)) continue;
      numbers.set(name, ifindex);
      taken.add(ifindex);
    }
  }
  return numbers;
}
