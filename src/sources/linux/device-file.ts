/**
 * Whether hardware stands behind a link, from sysfs: /sys/class/net/X/device. For kernels before 5.14, which do not say it by
 * netlink.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * False also when the tree is another network namespace's: sysfs belongs to the namespace of its mount, so that a link
 * of that name there need not be this one. Same ifindex and same address make it the same.
 */
export function hasDevice(sysfs: string, name: string, ifindex: number, lladdr: string): boolean {
  const folder = join(sysfs, "class", "net", name);
  try {
    if (readFileSync(join(folder, "ifindex"), "latin1").trim() !== String(ifindex)) return false;
    if (readFileSync(join(folder, "address"), "latin1").trim() !== lladdr) return false;
    return existsSync(join(folder, "device"));
  } catch {
    return false; // no sysfs, or the link has gone meanwhile
  }
}
