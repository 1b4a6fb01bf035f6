/**
 * The tables of in.mpathd (mpd_tables.c): everything that the machine knows, the newest first in every list, with the settings and the system
 * that it works for. One operation at a time works on them, at one instant: `now`.
 */

import { type Family, ofFamily } from "../ipmp/address.ts";
import type { Deviations } from "./deviations.ts";
import type { ProbeEvent } from "./events.ts";
import type { Group } from "./group.ts";
import type { Instance } from "./instance.ts";
import type { Phyint } from "./phyint.ts";
import type { System } from "./system.ts";
import { clockMilliseconds, type Milliseconds, type Nanoseconds } from "./time.ts";
import { Alarm } from "./timer.ts";

/** What /etc/default/mpathd says. */
export interface Settings {
  /** FAILURE_DETECTION_TIME. */
  readonly failureDetectionTimeMs: number;
  /** FAILBACK. */
  readonly failback: boolean;
  /** TRACK_INTERFACES_ONLY_WITH_GROUPS=no: interfaces in no group are watched too. */
  readonly trackAll: boolean;
  /**
   * A flag that the machine sets makes it look at the system again, as the kernel's notice of the change does to in.mpathd. Off only in traces of
   * what happens before that notice.
   */
  readonly echo: boolean;
  readonly deviations: Deviations;
}

/** Probes in a failure detection time: five that are lost, and two for what a loss takes to be seen (NUM_PROBE_FAILS + 2). */
const PROBES_PER_FDT = 7;

/** The probe interval that goes with a failure detection time. */
export function intervalOf(failureDetectionTimeMs: number): number {
  return Math.floor(failureDetectionTimeMs / PROBES_PER_FDT);
}

/** The failure detection time that goes with a probe interval. */
export function detectionTimeOf(intervalMs: number): number {
  return PROBES_PER_FDT * intervalMs;
}

export class Prober {
  readonly system: System;
  readonly settings: Settings;
  /** The probe interval as configured. */
  readonly intervalMs: number;
  now: Nanoseconds;
  readonly alarm = new Alarm();
  readonly groups: Group[] = [];
  readonly #phyints: Phyint[] = [];
  /** The same by name: each answer asks for one. */
  readonly #phyintsByName = new Map<string, Phyint>();
  readonly instances: Instance[] = [];
  /** Rises whenever a group comes or goes. */
  listSignature = 1;
  /** When the failure detection time of any group was last raised. */
  lastRaise: Nanoseconds = 0;
  lastScan: Milliseconds = 0;
  #flagsWereSet = false;

  constructor(system: System, settings: Settings, now: Nanoseconds) {
    this.system = system;
    this.settings = settings;
    this.intervalMs = intervalOf(settings.failureDetectionTimeMs);
    this.now = now;
  }

  get deviations(): Deviations {
    return this.settings.deviations;
  }

  get nowMs(): Milliseconds {
    return clockMilliseconds(this.now);
  }

  group(name: string): Group | undefined {
    return this.groups.find((group) => group.name === name);
  }

  get phyints(): readonly Phyint[] {
    return this.#phyints;
  }

  phyint(name: string): Phyint | undefined {
    return this.#phyintsByName.get(name);
  }

  addPhyint(phyint: Phyint): void {
    this.#phyints.unshift(phyint);
    this.#phyintsByName.set(phyint.name, phyint);
  }

  removePhyint(phyint: Phyint): void {
    this.#phyints.splice(this.#phyints.indexOf(phyint), 1);
    this.#phyintsByName.delete(phyint.name);
  }

  instance(name: string, family: Family): Instance | undefined {
    const phyint = this.phyint(name);
    return phyint && ofFamily(phyint, family);
  }

  tell(event: ProbeEvent): void {
    this.system.tell(event);
  }

  setFlags(interfaceName: string, flags: number): void {
    this.system.setFlags(interfaceName, flags);
    this.#flagsWereSet = true;
  }

  /** Whether flags were set since this was last asked. */
  takeFlagsWereSet(): boolean {
    const were = this.#flagsWereSet;
    this.#flagsWereSet = false;
    return were;
  }

  /** A random whole number from `low` to `high`, both included. */
  draw(low: number, high: number): number {
    return low + (this.system.random() % (high - low + 1));
  }
}
