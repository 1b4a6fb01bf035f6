/**
 * The part of IP around the engine: it owns the interfaces, calls the engine, and performs the engine's effects. One
 * operation runs at a time, to its end; what the kernel queues meanwhile (joins of ills, link notes) is done when the operation exits.
 */

import type { Ill } from "../ipmp/ill.ts";
import { EnginePanic, PreconditionError } from "../ipmp/panic.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { illRefreshActiveTimer } from "../ipmp/refresh.ts";
import { type IpStack, init } from "../ipmp/stack.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { Registry } from "../kstat/registry.ts";
import { ServiceEffects } from "./effects.ts";
import { receiveNote } from "./link-notes.ts";

export class Ip {
  readonly stack: IpStack;
  readonly effects: ServiceEffects;
  readonly #panic: (error: Error) => void;
  #now: Hrtime;
  readonly #onExit: (() => void)[] = [];
  #running = false;

  /** `panic` is told when the engine finds itself in a state that cannot be: the kernel would halt there. It should not return. */
  constructor(kstats: Registry, now: Hrtime, panic: (error: Error) => void = () => {}) {
    this.#now = now;
    this.#panic = panic;
    this.effects = new ServiceEffects(() => this.#now);
    this.stack = init({ effects: this.effects, kstats, now: () => this.#now });
  }

  /** Runs one operation under the exclusion, then what it queued. Operations do not nest. */
  operation<T>(now: Hrtime, run: () => T): T {
    if (this.#running) throw new Error("An operation on the engine began inside another");
    this.#running = true;
    this.#now = now;
    try {
      const result = run();
      this.#exit();
      return result;
    } catch (error) {
      if (error instanceof EnginePanic || error instanceof PreconditionError) this.#panic(error);
      throw error;
    } finally {
      this.#running = false;
    }
  }

  /** Does `work` when the present operation exits (ipsq_exit, after the switch to the group's xop). */
  onExit(work: () => void): void {
    this.#onExit.push(work);
  }

  /** When a retry timer is next due, or undefined. */
  nextDeadline(): Hrtime | undefined {
    let next: Hrtime | undefined;
    for (const due of this.effects.timers.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  /** Fires the retry timers that are due, earliest first. Answers whether any was. */
  expire(now: Hrtime): boolean {
    const due = [...this.effects.timers].filter(([, at]) => at <= now).sort(([, a], [, b]) => Number(a - b));
    for (const [ill] of due) {
      this.effects.timers.delete(ill);
      this.operation(now, () => illRefreshActiveTimer(ill));
    }
    return due.length > 0;
  }

  #exit(): void {
    for (let work = this.#onExit.shift(); work; work = this.#onExit.shift()) work();
    for (let note = this.effects.notes.shift(); note; note = this.effects.notes.shift()) receiveNote(note.ill, note);
  }
}

/** The plumbed families of an interface, v4 first. */
export function illsOf(phyint: Phyint): Ill[] {
  return [phyint.v4, phyint.v6].filter((ill) => ill !== undefined);
}
