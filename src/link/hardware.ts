/** What stands behind a link, as sysfs and rtnetlink tell it. Undefined: the system does not say. */

/** The device of a link (/sys/class/net/X/device; Documentation/ABI/testing/sysfs-bus-pci). */
export interface HardwareAttributes {
  /** PCI address of its function, "0000:3b:00.1": of what it sits on, where it is no PCI function itself (virtio, USB). */
  readonly pciFunction: string | undefined;
  /** PCI address of the physical function that it is a part of, where it is a virtual one (SR-IOV). */
  readonly physicalFunction: string | undefined;
  /** PCI address, without a function, of what is plugged into the slot that it lies behind, where a bridge is between; "0000:03:00". */
  readonly slot: string | undefined;
  /** Port path of the USB device, "1-2.3", where it is one. */
  readonly usbDevice: string | undefined;
  /** The kernel module that its driver is in; undefined for a driver that is built in. */
  readonly module: string | undefined;
  /** The NUMA node that its memory accesses start at; undefined on a machine that has but one, or does not tell. */
  readonly numaNode: number | undefined;
}

/** A port of a switch chip that this host drives itself (IFLA_PHYS_SWITCH_ID, IFLA_PHYS_PORT_NAME). */
export interface SwitchPort {
  /** Lower-case hex; equal for all ports of one switch. */
  readonly switchId: string | undefined;
  readonly portName: string | undefined;
}

/** PCI address of the device that a PCI function is of: "0000:3b:00" of "0000:3b:00.1". */
export function withoutFunction(pciFunction: string): string {
  return pciFunction.replace(/\.[^.]*$/, "");
}
