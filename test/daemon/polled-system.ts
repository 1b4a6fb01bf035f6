/** A system that is polled at times of its own: counters come as events, and nobody can ask for them. */

import { hrtime } from "#src/kstat/hrtime.js";
import type { Source, SourceEvent } from "#src/sources/source.js";
import { FakeSystem } from "../support/fake-system.ts";

export class PolledSystem implements Source {
  readonly name: string;
  readonly kind = "procfs";
  readonly deliversEvents = false;
  readonly behind = new FakeSystem();
  readonly schema = this.behind.schema;
  #queue: SourceEvent[] = [];
  #wake: () => void = () => {};

  constructor(name: string) {
    this.name = name;
  }

  open(wake: () => void): void {
    this.#wake = wake;
    this.behind.open(() => {});
  }

  drain(): SourceEvent[] {
    const events = [...this.behind.drain(), ...this.#queue];
    this.#queue = [];
    return events;
  }

  /** One poll, or an attempt at one. */
  poll(event: SourceEvent = this.#reading()): void {
    this.#queue.push(event);
    this.#wake();
  }

  #reading(): SourceEvent {
    const rows: { ifindex: number; counters: BigUint64Array }[] = [];
    this.behind.readCounters((ifindex, counters) => rows.push({ ifindex, counters: counters.slice() }));
    return { kind: "reading", at: hrtime(0n), rows };
  }

  close(): void {}
}
