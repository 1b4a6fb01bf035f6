/**
 * Whether hardware stands behind a link, from sysfs: /sys/class/net/X/device. For kernels before 5.14, which do not say it by
 * netlink.
 */

import { existsSync, readFileSync } from "node:fs";
import { sysfsPath } from "./sysfs-path.ts";

/**
 * False also when the tree is another network namespace's: sysfs belongs to the namespace of its mount, so that a link
 * of that name there need not be this one. Same ifindex and same address make it the same.
 */
export function hasDevice(sysfs: string, name: string, ifindex: number, lladdr: string): boolean {
  const path = (file: string) => sysfsPath(sysfs, name, file);
  try {
    if (readFileSync(path("ifindex"), "latin1").trim() !== String(ifindex)) return false;
    if (readFileSync(path("address"), "latin1").trim() !== lladdr) return false;
    return existsSync(path("device"));
  } catch {
    return false; // no sysfs, or the link has gone meanwhile
  }
}
