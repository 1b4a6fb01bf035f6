/** The device behind a link, from sysfs: /sys/class/net/X/device, a symbolic link into the tree of devices. */

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import type { HardwareAttributes } from "../../link/hardware.ts";
import { slotAbove } from "./pci-slot.ts";
import { sysfsPath } from "./sysfs-path.ts";

/** "0000:3b:00.1": domain, bus, slot and function. Domains beyond 16 bits (VMD) have more digits. */
const PCI_FUNCTION = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]+$/;
/** Bus and path of ports, "1-2.3"; what follows a colon is an interface of the device. */
const USB_DEVICE = /^\d+-\d+(\.\d+)*$/;

/** Whether there is a device. For kernels before 5.14, which do not say it by netlink. */
export function hasDevice(sysfs: string, name: string, ifindex: number, lladdr: string): boolean {
  return isThatLink(sysfs, name, ifindex, lladdr) && existsSync(sysfsPath(sysfs, name, "device"));
}

/**
 * Whether the tree shows that very link: sysfs belongs to the namespace of its mount, so that a link of that name there need not be this
 * one. Same ifindex and same address make it the same.
 */
export function isThatLink(sysfs: string, name: string, ifindex: number, lladdr: string): boolean {
  try {
    if (readFileSync(sysfsPath(sysfs, name, "ifindex"), "latin1").trim() !== String(ifindex)) return false;
    return readFileSync(sysfsPath(sysfs, name, "address"), "latin1").trim() === lladdr;
  } catch {
    return false; // no sysfs, or the link has gone meanwhile
  }
}

/** What the tree of devices tells of the one behind a link; undefined where there is none. */
export function readHardware(sysfs: string, name: string): HardwareAttributes | undefined {
  const file = (path: string) => sysfsPath(sysfs, name, path);
  const device = orUndefined(() => realpathSync(file("device")));
  if (device === undefined) return undefined;
  const physical = orUndefined(() => realpathSync(file("device/physfn")));
  const functions = pciFunctions(device);
  return {
    pciFunction: functions.at(-1),
    physicalFunction: physical && basename(physical),
    slot: slotAbove(sysfs, physical === undefined ? functions : pciFunctions(physical)),
    usbDevice: device.split("/").findLast((step) => USB_DEVICE.test(step)),
    module: orUndefined(() => basename(realpathSync(file("device/driver/module")))),
    numaNode: orUndefined(() => numaNode(readFileSync(file("device/numa_node"), "latin1"))),
  };
}

/** Those on the way to a device, the outermost first. */
function pciFunctions(device: string): string[] {
  return device.split("/").filter((step) => PCI_FUNCTION.test(step));
}

/** -1 where there is but one. */
function numaNode(text: string): number | undefined {
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // there is no such thing, or it has gone meanwhile
  }
}
