/**
 * Whether a sysfs tree is of our own network namespace. It belongs to the namespace of its mount, so that in a container it may show the
 * links of the host; /proc/self/net is always ours.
 */

import { reader, readIfindex, readLinkNames } from "./link-files.ts";
import { NET_DEV_SCHEMA, parseNetDev } from "./net-dev.ts";

const RBYTES = NET_DEV_SCHEMA.indexOf("rbytes64") ?? 0;
const OBYTES = NET_DEV_SCHEMA.indexOf("obytes64") ?? 0;

/**
 * It is ours if it has no link that we have not, and of each that it has the same number and counters that lie between two readings of
 * ours. A link that it lacks, or whose files refuse, is judged without it.
 * @param readNetDev reads /proc/self/net/dev
 * @param numbers ifindexes that procfs tells
 */
export function isOwnSysfs(sysfs: string, readNetDev: () => Uint8Array, numbers: ReadonlyMap<string, number>): boolean {
  const before = bytesCarried(readNetDev());
  const names = [...readLinkNames(sysfs)];
  if (names.some((name) => !before.has(name))) return false;
  const seen = names.map((name) => [name, bytesInSysfs(sysfs, name), readIfindex(sysfs, name)] as const);
  const after = bytesCarried(readNetDev());
  return seen.every(([name, bytes, ifindex]) => {
    const low = before.get(name) ?? 0n;
    const high = after.get(name); // undefined: it has gone meanwhile
    const number = numbers.get(name);
    if (number !== undefined && ifindex !== undefined && number !== ifindex) return false;
    return bytes === undefined || high === undefined || (low <= bytes && bytes <= high);
  });
}

/** Received and sent, by name of link. */
function bytesCarried(netDev: Uint8Array): Map<string, bigint> {
  const bytes = new Map<string, bigint>();
  parseNetDev(netDev, (name, counters) => {
    bytes.set(name, (counters[RBYTES] ?? 0n) + (counters[OBYTES] ?? 0n));
  });
  return bytes;
}

function bytesInSysfs(sysfs: string, name: string): bigint | undefined {
  const read = reader(sysfs, name);
  const received = read("statistics/rx_bytes");
  const sent = read("statistics/tx_bytes");
  return received === undefined || sent === undefined ? undefined : BigInt(received) + BigInt(sent);
}
