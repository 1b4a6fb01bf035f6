import type { HardwareAttributes } from "#src/link/hardware.js";

/** Of a link whose device the system says nothing of. */
export const NO_HARDWARE: HardwareAttributes = {
  pciFunction: undefined,
  physicalFunction: undefined,
  slot: undefined,
  usbDevice: undefined,
  module: undefined,
  numaNode: undefined,
};
