/**
 * The slot that a card is plugged into (/sys/bus/pci/slots; Documentation/ABI/testing/sysfs-bus-pci). A card may have several PCI devices behind a
 * bridge of its own, as many with four ports have: the slot is that of all of them.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withoutFunction } from "../../link/hardware.ts";

/** What lies below a root port, and no bridge between: it is its own card. */
const DIRECT = 2;

/**
 * PCI address, without a function, of what is in the nearest slot above. Undefined where there is none, and where no bridge but that of the root lies
 * above: then slots are not even looked for.
 *
 * @param functions PCI functions on the way from the root of the bus to the device, which is the last
 */
export function slotAbove(sysfs: string, functions: readonly string[]): string | undefined {
  if (functions.length <= DIRECT) return undefined;
  const slots = occupiedSlots(sysfs);
  return functions.map(withoutFunction).findLast((address) => slots.has(address));
}

/** "0000:03:00": addresses of what is in each. */
function occupiedSlots(sysfs: string): ReadonlySet<string> {
  const folder = join(sysfs, "bus", "pci", "slots");
  try {
    return new Set(readdirSync(folder).map((slot) => readFileSync(join(folder, slot, "address"), "latin1").trim()));
  } catch {
    return new Set(); // no slots, or one that has gone meanwhile
  }
}
