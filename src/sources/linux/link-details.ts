/**
 * What rtnetlink leaves out of a link: its speed and driver by ethtool, and its device by sysfs. Driver and device are
 * kept until the link's name or running state changes; the speed is asked for with every event, since it may be set while the link is up.
 */

import type { HardwareAttributes } from "../../link/hardware.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Libc } from "../../os/libc.ts";
import type { SourceEvent } from "../source.ts";
import { hasDevice, isThatLink, readHardware } from "./device-file.ts";
import { Ethtool } from "./ethtool.ts";
import { flagAttributes, type LinkMessage } from "./link-message.ts";

type SpeedEvent = Extract<SourceEvent, { kind: "speed" }>;

export class LinkDetails {
  readonly #sysfs: string;
  readonly #known = new Map<number, LinkAttributes>();
  #ethtool: Ethtool | undefined;

  /** @param sysfs where it is mounted */
  constructor(sysfs: string) {
    this.#sysfs = sysfs;
  }

  open(libc: Libc): void {
    this.#ethtool = new Ethtool(libc);
  }

  close(): void {
    this.#ethtool?.close();
    this.#ethtool = undefined;
    this.#known.clear();
  }

  /** A link as it was last described, at the speed that was last told. */
  get(ifindex: number): LinkAttributes | undefined {
    return this.#known.get(ifindex);
  }

  /** Links that were described and not forgotten. */
  get ifindexes(): ReadonlySet<number> {
    return new Set(this.#known.keys());
  }

  forget(ifindex: number): void {
    this.#known.delete(ifindex);
  }

  /** The link of a message, with its details. */
  describe(message: LinkMessage): LinkAttributes {
    const { flags: bits, parentDevice: _, counters: __, vrfTable: ___, ...told } = message;
    const { ifindex, name } = told;
    const flags = flagAttributes(bits);
    const known = this.#known.get(ifindex);
    const same = known?.name === name && known.running === flags.running;
    const isDevice = same ? known.hasDevice : this.#hasDevice(message, flags.loopback);
    // The spreads come last: what follows one is defined property by property, which takes twenty times as long.
    const link: LinkAttributes = {
      driver: same ? known.driver : this.#ethtool?.driver(name),
      hasDevice: isDevice,
      hardware: same ? known.hardware : isDevice ? this.#hardware(message) : undefined,
      speedBitsPerSecond: flags.running ? this.#ethtool?.speedBitsPerSecond(name) : undefined,
      ...flags,
      ...told,
    };
    this.#known.set(ifindex, link);
    return link;
  }

  /** Asks for the speed of a link that is up. @returns an event if it is another one */
  refreshSpeed(ifindex: number): SpeedEvent | undefined {
    const details = this.#known.get(ifindex);
    if (!details?.running) return undefined;
    const speedBitsPerSecond = this.#ethtool?.speedBitsPerSecond(details.name);
    if (speedBitsPerSecond === details.speedBitsPerSecond) return undefined;
    this.#known.set(ifindex, { ...details, speedBitsPerSecond });
    return { kind: "speed", ifindex, speedBitsPerSecond };
  }

  #hardware({ name, ifindex, lladdr }: LinkMessage): HardwareAttributes | undefined {
    return isThatLink(this.#sysfs, name, ifindex, lladdr) ? readHardware(this.#sysfs, name) : undefined;
  }

  #hasDevice({ parentDevice, kind, name, ifindex, lladdr }: LinkMessage, loopback: boolean): boolean {
    if (parentDevice !== undefined) return true;
    if (kind !== undefined || loopback) return false; // made by software
    return hasDevice(this.#sysfs, name, ifindex, lladdr);
  }
}
