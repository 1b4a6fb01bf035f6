/** An interface as the prober keeps it: its state, its flags and its link (mpd_tables.h, struct phyint). */

import type { Family, LinkLayerAddress } from "../ipmp/address.ts";
import { PHYI } from "../ipmp/flags.ts";
import type { Group } from "./group.ts";
import type { Instance } from "./instance.ts";
import { UNKNOWN } from "./round-trip.ts";
import type { SystemInterface } from "./system.ts";
import type { Milliseconds } from "./time.ts";

/**
 * PI_INIT: being made. PI_NOTARGETS: has a test address but nobody to probe, and is taken to work. PI_RUNNING: works. PI_FAILED: does not.
 * PI_OFFLINE: taken out of use by an administrator. In the order of their numbers.
 */
export const PHYINT_STATES = ["init", "notargets", "running", "failed", "offline"] as const;
export type PhyintState = (typeof PHYINT_STATES)[number];

export class Phyint {
  readonly name: string;
  readonly group: Group;
  state: PhyintState = "init";
  /** PHYI bits: the system's own. */
  flags: number;
  hardwareAddress: LinkLayerAddress | undefined;
  /** It is offline because another member has the same hardware address. */
  isDuplicate = false;
  /** The link as it was last looked at. Taken to be up at first, so that a link that is down then is seen to go down. */
  linkUp = true;
  /** When it last came up, the older time first. 0: it has not. */
  linkUps: readonly [Milliseconds, Milliseconds] = [0, 0];
  /** The log says that its repair waits because it comes and goes. */
  saidFlapping = false;
  /** Whether a target has been known since the link came up. */
  hadTargetSinceLinkUp = false;
  v4: Instance | undefined = undefined;
  v6: Instance | undefined = undefined;

  constructor(group: Group, { name, flags, hardwareAddress }: SystemInterface) {
    this.name = name;
    this.group = group;
    this.flags = flags;
    this.hardwareAddress = hardwareAddress;
  }

  /** Its instances, IPv4 first. */
  get instances(): Instance[] {
    return [this.v4, this.v6].filter((instance) => instance !== undefined);
  }

  has(flag: keyof typeof PHYI): boolean {
    return (this.flags & PHYI[flag]) !== 0;
  }

  /** It has a test address, in either family. */
  get isProbed(): boolean {
    return this.v4?.isOn === true || this.v6?.isOn === true;
  }

  /** It has somebody to probe, in either family. */
  get isCapable(): boolean {
    return this.v4?.isCapable === true || this.v6?.isCapable === true;
  }

  get isFunctioning(): boolean {
    return this.state === "running" || (this.state === "notargets" && !this.has("FAILED"));
  }

  /** It functions and may carry data. */
  get isActive(): boolean {
    return this.isFunctioning && !this.has("INACTIVE");
  }

  /** It has an address that is up. */
  get hasAddress(): boolean {
    return this.v4?.hasAddress === true || this.v6?.hasAddress === true;
  }

  /** It functions and has an address that is up. */
  get isUsable(): boolean {
    return this.isFunctioning && this.hasAddress;
  }

  /** The group's other members, the newest first. */
  get others(): Phyint[] {
    return this.group.members.filter((member) => member !== this);
  }
}

/** phyint_chstate: raises the group's signature and tells, if it is a change. */
export function changeState(phyint: Phyint, state: PhyintState): void {
  if (phyint.state === state) return;
  phyint.state = state;
  publishState(phyint);
}

/** Raises the group's signature and tells how the interface is now. */
export function publishState(phyint: Phyint): void {
  phyint.group.signature++;
  phyint.group.prober.tell({ kind: "interface-state", phyint });
}

/** change_pif_flags: sets some flags and clears others, if that changes any. */
export function changeFlags(phyint: Phyint, set: number, clear: number): void {
  const flags = (phyint.flags | set) & ~clear;
  if (flags === phyint.flags) return;
  phyint.flags = flags;
  phyint.group.prober.setFlags(phyint.name, flags);
}

/** Forgets the round trips of all its targets; a sample that waits for a second one goes on waiting. */
export function forgetRoundTrips(phyint: Phyint): void {
  for (const { targets } of phyint.instances) for (const target of targets.targets) target.roundTrip = UNKNOWN;
}

export function otherFamily(family: Family): Family {
  return family === "v4" ? "v6" : "v4";
}
