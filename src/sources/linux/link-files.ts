/**
 * A link's attributes from sysfs: /sys/class/net/NAME (Documentation/ABI/testing/sysfs-class-net). Only for the fallback, and
 * only where the tree is known to be of our own network namespace: sysfs belongs to the namespace of its mount.
 */

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { SwitchPort } from "../../link/hardware.ts";
import { type LinkAttributes, OPER_STATES, type OperState } from "../../link/link-attributes.ts";
import { readHardware } from "./device-file.ts";
import { bitsPerSecond } from "./ethtool.ts";
import { flagAttributes } from "./link-message.ts";
import { linkName } from "./link-name.ts";
import { IFF } from "./rtnetlink.ts";
import { sysfsPath } from "./sysfs-path.ts";

/** What a link is taken for where its medium is not told. */
export const ARPHRD_ETHER = 1;

/** What changes often, in two files: read for every link at every look. */
interface StateFiles {
  /** dev->flags: without IFF_RUNNING, which the kernel derives from the operational state. */
  readonly flags: number;
  readonly operState: OperState;
}

/** Undefined when the link is not (or no longer) there. */
export function readLinkState(sysfs: string, name: string): StateFiles | undefined {
  const read = reader(sysfs, name);
  const flags = Number(read("flags"));
  if (!Number.isInteger(flags)) return undefined;
  const word = read("operstate");
  return { flags, operState: OPER_STATES.find((state) => state.toLowerCase() === word) ?? "unknown" };
}

export function readIfindex(sysfs: string, name: string): number | undefined {
  const text = reader(sysfs, name)("ifindex");
  return text === undefined ? undefined : Number(text);
}

/** @param state what `readLinkState` has just said */
export function readLink(sysfs: string, name: string, ifindex: number, state: StateFiles): LinkAttributes {
  const read = reader(sysfs, name);
  const running = (state.flags & IFF.UP) !== 0 && (state.operState === "up" || state.operState === "unknown");
  const hasDevice = existsSync(sysfsPath(sysfs, name, "device"));
  const megabits = Number(read("speed") ?? Number.NaN); // EINVAL for a link that is down, -1 when unknown
  const address = read("address") ?? "";
  const type = read("type");
  const master = read("master/ifindex");
  return {
    ifindex,
    name,
    alias: read("ifalias") ?? "",
    hardwareType: type === undefined ? ARPHRD_ETHER : Number(type),
    kind: hasDevice ? undefined : deviceType(read("uevent") ?? ""),
    driver: driverOf(sysfs, name),
    hasDevice,
    hardware: hasDevice ? readHardware(sysfs, name) : undefined,
    switchPort: switchPort(read("phys_switch_id"), read("phys_port_name")),
    lladdr: /[1-9a-f]/.test(address) ? address : "",
    mtu: Number(read("mtu") ?? 0),
    ...flagAttributes(running ? state.flags | IFF.RUNNING : state.flags & ~IFF.RUNNING),
    operState: state.operState,
    speedBitsPerSecond: running ? bitsPerSecond(megabits) : undefined,
    masterIfindex: master === undefined ? undefined : Number(master),
    aggregate: undefined, // /proc/net/bonding tells more
    port: undefined,
  };
}

/** Names in the tree. bonding_masters is a file among them. */
export function readLinkNames(sysfs: string): Set<string> {
  try {
    const names = readdirSync(join(sysfs, "class", "net"), "buffer").map(linkName);
    return new Set(names.filter((name) => name !== "bonding_masters"));
  } catch {
    return new Set();
  }
}

/** Both files refuse (EOPNOTSUPP) for a link that is no such port. */
function switchPort(switchId: string | undefined, portName: string | undefined): SwitchPort | undefined {
  return switchId === undefined && portName === undefined ? undefined : { switchId, portName };
}

/** DEVTYPE of a link's uevent: "bond", "bridge", "vlan". Many kinds (veth) do not say. */
function deviceType(uevent: string): string | undefined {
  return /^DEVTYPE=(.+)$/m.exec(uevent)?.[1];
}

function driverOf(sysfs: string, name: string): string | undefined {
  try {
    return basename(readlinkSync(sysfsPath(sysfs, name, "device/driver"), "utf8"));
  } catch {
    return undefined;
  }
}

/** Reads a file of the link without its newline, whose bytes may be any, as those of a name; undefined when it is not there or refuses. */
export function reader(sysfs: string, name: string): (file: string) => string | undefined {
  return (file) => {
    try {
      return linkName(readFileSync(sysfsPath(sysfs, name, file))).trim();
    } catch {
      return undefined;
    }
  };
}
