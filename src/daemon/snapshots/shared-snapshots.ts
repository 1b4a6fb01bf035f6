/**
 * Who gets which snapshot. A collection is shared by everybody who asks at the same time, and a snapshot by everybody who can do with
 * one of its age. A transition makes the last snapshot old, so that nobody is ever shown a state that is over; the counters in the
 * next one are read again only where the reader's age calls for it. A snapshot whose counters are shown is saved first, so that they
 * do not fall when the program is killed; one of states alone is not, and is for nobody who asks for counters.
 */

import { setImmediate } from "node:timers/promises";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { CollectorOutcome } from "../../snapshot/program.ts";
import type { Snapshot, Snapshots } from "../../snapshot/snapshot.ts";
import { atOnce, inTurns } from "../../turns/in-turns.ts";
import type { Clock } from "../process/clock.ts";

/** What a snapshot is made of; the loop provides it. */
export interface SnapshotMaker {
  /** Applies everything that the sources have told until now. */
  tick(): void;
  /** Reads all counters. How it went, for each source. */
  read(): readonly CollectorOutcome[];
  /** Saves what is known now, so that no counter falls that somebody is about to be shown. */
  save(): void;
  /** A snapshot of what is known now, with the counters as last read at `countersAt`; with `source`, of what that system has a part in. */
  steps(countersAt: Hrtime, outcomes: readonly CollectorOutcome[], source?: string): Generator<void, Snapshot>;
  /** The systems by themselves. */
  sources(): Snapshot["sources"];
}

/** The last reading of counters: when, and how it went. */
interface Reading {
  readonly at: Hrtime;
  readonly outcomes: readonly CollectorOutcome[];
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
  /** The last collection whose counters have been read, and that is made in turns. */
  #making: { readonly reading: Reading; readonly snapshot: Promise<Snapshot> } | undefined;
  /** Another number whenever something has happened. */
  #happened = 0;

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
    const last = this.#last;
    if (last && this.#clock.now() - last.countersAt <= maxAge) return last;
    const reading = this.#reading;
    if (!reading || this.#clock.now() - reading.at > maxAge) return this.#collect();
    this.#maker.tick();
    return this.#build(reading);
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
    return atOnce(this.#maker.steps(at, outcomes, source));
  }

  sources(): Snapshot["sources"] {
    return this.#maker.sources();
  }

  get #lastReading(): Reading {
    return this.#reading ?? { at: this.#clock.now(), outcomes: [] };
  }

  #collect(): Snapshot {
    return this.#build(this.#read());
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
    this.#maker.save();
    const snapshot = this.#buildInTurns(reading);
    const making = { reading, snapshot };
    this.#making = making;
    const made = () => {
      if (this.#making === making) this.#making = undefined;
    };
    snapshot.then(made, made);
    return snapshot;
  }

  async #buildInTurns({ at, outcomes }: Reading): Promise<Snapshot> {
    const happened = this.#happened;
    let hasPaused = false;
    const snapshot = await inTurns(this.#maker.steps(at, outcomes), () => {
      hasPaused = true;
    });
    if (hasPaused) this.#maker.save(); // a device may have been polled meanwhile
    const isYoungest = this.#last === undefined || this.#last.countersAt <= at;
    if (this.#happened === happened && isYoungest) this.#last = snapshot;
    return snapshot;
  }
}
