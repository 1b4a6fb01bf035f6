/** What a probe trace works on: a clock, the kernel's model, the machine, and the events since the last line. */

import type { ProbeEvent } from "../../probing/events.ts";
import { ProbeMachine } from "../../probing/machine.ts";
import type { Settings } from "../../probing/prober.ts";
import type { ProbePacket, Router, SendOutcome, System, SystemEntry } from "../../probing/system.ts";
import { eventJson, flagsJson, packetJson } from "./event-json.ts";
import { Kernel } from "./kernel.ts";
import { TraceRandom } from "./trace-random.ts";

/** What the first op of a trace says. */
export interface TraceSettings extends Settings {
  readonly seed: number;
}

export class ProbeWorld implements System {
  readonly kernel = new Kernel();
  readonly trace: TraceRandom;
  readonly machine: ProbeMachine;
  /** Nanoseconds; never goes back. */
  now: number;
  #events: string[] = [];

  constructor(settings: TraceSettings, now: number) {
    this.trace = new TraceRandom(settings.seed);
    this.now = now;
    this.machine = new ProbeMachine(this, settings, now);
  }

  /** The events since the last call, as the elements of a JSON array. */
  takeEvents(): string {
    const events = this.#events.join(",");
    this.#events = [];
    return events;
  }

  /** Fires the alarm each time that it is due, up to a time, at which the clock then stands. */
  run(until: number): void {
    while (this.machine.nextDeadline <= until) {
      this.now = Math.max(this.now, this.machine.nextDeadline);
      this.#events.push(`["at",${this.now}]`);
      this.machine.due(this.now);
    }
    this.now = Math.max(this.now, until);
  }

  entries(): Iterable<SystemEntry> {
    return this.kernel.entries;
  }

  routers(): Iterable<Router> {
    return this.kernel.routers;
  }

  /** A trace has one subnet. */
  reaches(): boolean {
    return true;
  }

  setFlags(interfaceName: string, flags: number): void {
    this.kernel.interface(interfaceName).flags = flags;
    this.#events.push(flagsJson(interfaceName, flags));
  }

  send(packet: ProbePacket): SendOutcome {
    const outcome = this.kernel.family(packet.interface, packet.family).sends;
    this.#events.push(packetJson(packet, outcome));
    return outcome;
  }

  random(): number {
    return this.trace.next();
  }

  tell(event: ProbeEvent): void {
    this.#events.push(eventJson(event));
  }
}
