/** Failovers of one group: active members that were lost, and traffic that has another one since. How many, when, and how long each took. */

import { Observations } from "../../histogram/observations.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { HistogramSnapshot } from "../../snapshot/histogram.ts";
import type { SavedGroup } from "../../state/saved-state.ts";
import type { Clock } from "../process/clock.ts";
import type { Member } from "./member.ts";

/** Seconds. Where another member is ready it takes what we take; where none is, as long as the outage lasts. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** Nothing is arranged in a microsecond; outages of more than an hour are told apart by the state of the group. */
const DURATIONS = { bounds: BOUNDS, smallest: 1e-6, largest: 4096 };

const NANOSECONDS_PER_SECOND = 1e9;

type SavedFailovers = Pick<SavedGroup, "failovers" | "lastFailoverMs">;

export class Failovers {
  #total = 0n;
  #lastMs: number | undefined;
  /** Labels of members that were active and were lost, since traffic last had one. */
  readonly #lost = new Set<string>();
  /** When the first of them was. */
  #lostAt: Hrtime | undefined;
  /** How many since the group was last arranged. */
  #justLost = 0;
  /** ifindex of the member that was last the one in use, in a bond that uses one at a time. */
  #inUse: number | undefined;
  readonly #durations = new Observations(DURATIONS);

  /** Those for which another member was ready. */
  get total(): bigint {
    return this.#total;
  }

  /** Milliseconds since 1970; undefined while there was none. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  get durations(): HistogramSnapshot {
    return this.#durations.snapshot();
  }

  /** An active member failed, was taken out of service, or left. */
  lose(label: string, now: Hrtime): void {
    this.#justLost++;
    this.#lost.add(label);
    this.#lostAt ??= now;
  }

  /**
   * The group has been arranged anew, in a turn that began at `now`; `active` are those that carry traffic. Where one does at a time, its
   * being another than before is the failover: the bond tells only who it is.
   */
  arranged(active: readonly Member[], onlyOne: boolean, now: Hrtime, clock: Clock): void {
    const justLost = this.#justLost;
    this.#justLost = 0;
    const [first] = active;
    if (first === undefined) return; // nothing has taken over yet
    const changes = onlyOne ? this.#changesOfUse(first) : undefined;
    this.#count(changes ?? justLost, clock);
    this.#observe(changes ?? this.#moved(active), now, clock);
    this.#lost.clear();
    this.#lostAt = undefined;
  }

  /** Continues what an earlier run saved. */
  restore({ failovers, lastFailoverMs }: SavedFailovers): void {
    this.#total = failovers;
    this.#lastMs = lastFailoverMs;
  }

  save(): SavedFailovers {
    return { failovers: this.#total, lastFailoverMs: this.#lastMs };
  }

  #count(failovers: number, clock: Clock): void {
    if (failovers === 0) return;
    this.#total += BigInt(failovers);
    this.#lastMs = clock.wallMs();
  }

  #observe(failovers: number, now: Hrtime, clock: Clock): void {
    if (failovers === 0) return;
    const seconds = Number(clock.now() - (this.#lostAt ?? now)) / NANOSECONDS_PER_SECOND;
    for (let n = 0; n < failovers; n++) this.#durations.observe(seconds);
  }

  #changesOfUse({ link: { ifindex } }: Member): 0 | 1 {
    const before = this.#inUse;
    this.#inUse = ifindex;
    return before === undefined || ifindex === before ? 0 : 1;
  }

  /** How many of the lost have not come back, if another carries on than those: what they carried moved to it. */
  #moved(active: readonly Member[]): number {
    const back = active.filter(({ link }) => this.#lost.has(link.label)).length;
    return back === active.length ? 0 : this.#lost.size - back;
  }
}
