/**
 * in.mpathd's probes and verdicts as a protocol machine: it is told the time and what happened, sends, sets flags and tells through its System,
 * and says when it wants to be called again. It reads no clock, owns no socket and no timer. docs/DETECTION.md explains it.
 */

import type { IpAddress } from "../ipmp/address.ts";
import { PHYI } from "../ipmp/flags.ts";
import { refreshStandby } from "./activity.ts";
import { type Answer, receiveAnswer } from "./answer.ts";
import { rescanRouters } from "./discovery.ts";
import { expire } from "./expiry.ts";
import { ANONYMOUS, type Group } from "./group.ts";
import type { Instance } from "./instance.ts";
import { takeFlags, takeGroup } from "./inventory.ts";
import { noticeLinks } from "./link-state.ts";
import { type AdminResult, bringOnline, takeOffline } from "./offline.ts";
import { type Phyint, publishState } from "./phyint.ts";
import { Prober, type Settings } from "./prober.ts";
import { SCAN_INTERVAL_MS, scan } from "./scan.ts";
import type { System } from "./system.ts";
import { elapsed, type Nanoseconds } from "./time.ts";

export class ProbeMachine {
  readonly #prober: Prober;

  constructor(system: System, settings: Settings, now: Nanoseconds) {
    this.#prober = new Prober(system, settings, now);
    if (settings.trackAll) takeGroup(this.#prober, ANONYMOUS);
    this.#prober.lastScan = this.#prober.nowMs;
    this.#prober.alarm.schedule(now, SCAN_INTERVAL_MS);
  }

  /** Everything that it knows, the newest first; to read. */
  get groups(): readonly Group[] {
    return this.#prober.groups;
  }

  get phyints(): readonly Phyint[] {
    return this.#prober.phyints;
  }

  get instances(): readonly Instance[] {
    return this.#prober.instances;
  }

  phyint(name: string): Phyint | undefined {
    return this.#prober.phyint(name);
  }

  /** When it wants to be called: see due. */
  get nextDeadline(): Nanoseconds {
    return this.#prober.alarm.due;
  }

  /** The deadline is here, or has passed: judges, sends what is due, and looks at the system every 20 s. */
  due(now: Nanoseconds): void {
    this.#operate(now, (prober) => {
      prober.alarm.disarm();
      if (elapsed(prober.lastScan, prober.nowMs) > SCAN_INTERVAL_MS) scan(prober);
      let wait = SCAN_INTERVAL_MS;
      for (const instance of prober.instances) wait = Math.min(wait, expire(instance));
      prober.alarm.schedule(now, wait);
    });
  }

  /** An answer to a probe. */
  received(now: Nanoseconds, answer: Answer): void {
    this.#operate(now, (prober) => {
      const instance = prober.instance(answer.interface, answer.family);
      if (instance !== undefined) receiveAnswer(instance, answer);
    });
  }

  /** The groups, interfaces or addresses of the system have changed: looks at all of it. */
  scan(now: Nanoseconds): void {
    this.#operate(now, scan);
  }

  /** Links went down or came up: their RUNNING flags have changed. */
  linksChanged(now: Nanoseconds, names: readonly string[]): void {
    this.#operate(now, (prober) => {
      if (names.some((name) => prober.phyint(name) === undefined)) {
        scan(prober);
      } else {
        takeFlags(prober);
        noticeLinks(prober);
      }
    });
  }

  /** Somebody else changed the flags of an interface. */
  flagsChanged(now: Nanoseconds, name: string): void {
    this.#operate(now, (prober) => {
      const phyint = prober.phyint(name);
      if (phyint !== undefined) noticeStandby(prober, phyint);
      scan(prober);
    });
  }

  /** The routing table has changed, or the configured targets; `withdrawn` are those of them that are configured no more. */
  routersChanged(now: Nanoseconds, withdrawn?: ReadonlySet<IpAddress>): void {
    this.#operate(now, (prober) => rescanRouters(prober, withdrawn));
  }

  /** Takes an interface out of use, if at least so many others can take its place (if_mpadm -d). */
  offline(now: Nanoseconds, name: string, minimumRedundancy: number): AdminResult {
    return this.#operate(now, (prober) => {
      const phyint = prober.phyint(name);
      return phyint === undefined ? "failure" : takeOffline(phyint, minimumRedundancy);
    });
  }

  /** Puts it back into use (if_mpadm -r). */
  online(now: Nanoseconds, name: string): AdminResult {
    return this.#operate(now, (prober) => {
      const phyint = prober.phyint(name);
      return phyint === undefined ? "failure" : bringOnline(phyint);
    });
  }

  /** One operation, and then a look at the system for as long as flags are set. */
  #operate<T>(now: Nanoseconds, operation: (prober: Prober) => T): T {
    const prober = this.#prober;
    prober.now = now;
    const result = operation(prober);
    while (prober.takeFlagsWereSet() && prober.settings.echo) scan(prober);
    return result;
  }
}

/** Takes the flags that the interface has now. A standby comes or goes as such. */
function noticeStandby(prober: Prober, phyint: Phyint): void {
  const before = phyint.flags;
  takeFlags(prober);
  if (((before ^ phyint.flags) & PHYI.STANDBY) === 0) return;
  publishState(phyint);
  if (phyint.has("STANDBY")) refreshStandby(phyint);
}
