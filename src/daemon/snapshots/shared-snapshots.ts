/**
 * Who gets which snapshot. A collection is shared by everybody who asks at the same time, and a snapshot by everybody who can do with
 * one of its age. A transition makes the last snapshot old, so that nobody is ever shown a state that is over; the counters in the
 * next one are read again only where the reader's age calls for it. A snapshot whose counters are shown is saved first, so that they
 * do not fall when the program is killed; one of states alone is not, and is for nobody who asks for counters.
 */

import { setImmediate } from "node:timers/promises";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { CollectorOutcome } from "../../snapshot/program.ts";
import type { Snapshot, Snapshots } from "../../snapshot/snapshot.ts";
import { atOnce, inTurns, SharedWork } from "../../turns/in-turns.ts";
import type { Clock } from "../process/clock.ts";
import type { Scope } from "./scope.ts";

/** What a snapshot is made of; the loop provides it. */
export interface SnapshotMaker {
  /** Applies everything that the sources have told until now. */
  tick(): void;
  /** Reads all counters. How it went, for each source. */
  read(): readonly CollectorOutcome[];
  /** Saves what is known now, so that no counter falls that somebody is about to be shown. */
  save(): void;
  /** A snapshot of what is known now, or of so much of it, with the counters as last read at `countersAt`. */
  steps(countersAt: Hrtime, outcomes: readonly CollectorOutcome[], scope?: Scope): Generator<void, Snapshot>;
  /** The systems by themselves. */
  sources(): Snapshot["sources"];
}

/** The last reading of counters: when, and how it went. */
interface Reading {
  readonly at: Hrtime;
  readonly outcomes: readonly CollectorOutcome[];
}

/** A collection whose counters have been read, and that is made in turns. */
interface Making {
  readonly reading: Reading;
  readonly work: SharedWork<Snapshot>;
  /** {@link SharedSnapshots.#happened} when it was begun. */
  readonly happened: number;
}

/** Nanoseconds for which a snapshot of states is shared; a transition ends it earlier. */
const STATES_AGE = 1_000_000_000n;

export class SharedSnapshots implements Snapshots {
  readonly #maker: SnapshotMaker;
  readonly #clock: Clock;
  /** The last snapshot that was saved, and the last of states alone; undefined when something has happened since. */
  #last: Snapshot | undefined;
  #lastStates: Snapshot | undefined;
  #reading: Reading | undefined;
  /** A collection whose counters are yet to be read. */
  #pending: Promise<Snapshot> | undefined;
  /** The last that is made in turns. */
  #making: (Making & { readonly snapshot: Promise<Snapshot> }) | undefined;
  /** Another number whenever something has happened. */
  #happened = 0;
  /** When somebody last asked who cannot wait. */
  #askedAt = 0n;

  constructor(maker: SnapshotMaker, clock: Clock) {
    this.#maker = maker;
    this.#clock = clock;
  }

  /** Something happened: the last snapshot is no longer how things are. */
  age(): void {
    this.#happened++;
    this.#last = undefined;
    this.#lastStates = undefined;
    this.#making = undefined;
  }

  fresh(maxAge?: bigint): Promise<Snapshot> {
    const last = this.#last;
    if (maxAge !== undefined && last && this.#clock.now() - last.countersAt <= maxAge) return Promise.resolve(last);
    const making = this.#making;
    if (maxAge !== undefined && making && this.#clock.now() - making.reading.at <= maxAge) return making.snapshot;
    this.#pending ??= setImmediate().then(() => {
      this.#pending = undefined;
      return this.#collectInTurns();
    });
    return this.#pending;
  }

  within(maxAge: bigint): Snapshot {
    const now = this.#clock.now();
    const isWalk = now - this.#askedAt <= maxAge / 4n;
    this.#askedAt = now;
    const last = this.#last;
    if (last && now - last.countersAt <= maxAge) return last;
    if (last && isWalk && now - last.countersAt <= 2n * maxAge) {
      this.fresh(maxAge).catch(() => {}); // who asks next is told what is wrong
      return last;
    }
    this.#maker.tick();
    const [making, reading] = [this.#making, this.#reading];
    if (making && now - making.reading.at <= maxAge) return this.#made(making, atOnce(making.work.steps()));
    return this.#build(reading && now - reading.at <= maxAge ? reading : this.#read());
  }

  states(): Snapshot {
    const last = this.#last ?? this.#lastStates;
    if (last && this.#clock.now() - last.at <= STATES_AGE) return last;
    this.#maker.tick();
    const { at, outcomes } = this.#lastReading;
    this.#lastStates = atOnce(this.#maker.steps(at, outcomes));
    return this.#lastStates;
  }

  of(source: string): Snapshot {
    this.#maker.tick();
    this.#maker.save();
    const { at, outcomes } = this.#lastReading;
    return atOnce(this.#maker.steps(at, outcomes, { source }));
  }

  about(transitions: readonly Transition[]): Snapshot {
    this.#maker.tick();
    const { at, outcomes } = this.#lastReading;
    return atOnce(this.#maker.steps(at, outcomes, { transitions }));
  }

  sources(): Snapshot["sources"] {
    return this.#maker.sources();
  }

  get #lastReading(): Reading {
    return this.#reading ?? { at: this.#clock.now(), outcomes: [] };
  }

  #read(): Reading {
    this.#maker.tick();
    const outcomes = this.#maker.read();
    this.#reading = { at: this.#clock.now(), outcomes };
    return this.#reading;
  }

  #build({ at, outcomes }: Reading): Snapshot {
    this.#maker.save();
    this.#last = atOnce(this.#maker.steps(at, outcomes));
    return this.#last;
  }

  #collectInTurns(): Promise<Snapshot> {
    const reading = this.#read();
    const work = new SharedWork(this.#maker.steps(reading.at, reading.outcomes));
    const making = { reading, work, happened: this.#happened };
    const snapshot = this.#makeInTurns(making);
    this.#making = { ...making, snapshot };
    return snapshot;
  }

  async #makeInTurns(making: Making): Promise<Snapshot> {
    try {
      return this.#made(making, await inTurns(making.work.steps()));
    } finally {
      if (this.#making?.work === making.work) this.#making = undefined;
    }
  }

  /** What it shows was read when it was begun, and of a device that was polled meanwhile since: all of it is saved now. */
  #made({ reading, happened }: Making, snapshot: Snapshot): Snapshot {
    this.#maker.save();
    const isYoungest = this.#last === undefined || this.#last.countersAt <= reading.at;
    if (this.#happened === happened && isYoungest) this.#last = snapshot;
    return snapshot;
  }
}
