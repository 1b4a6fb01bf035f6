/** The states that a group has been in: which one now, since when, and for how long each in all. */

import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { GroupState } from "../../snapshot/snapshot.ts";
import type { SavedGroup } from "../../state/saved-state.ts";

type SavedStates = Pick<SavedGroup, "state" | "stateSince" | "stateTime">;

export class StateTimes {
  #lastChange: Hrtime;
  /** Undefined until it is looked at for the first time, unless an earlier run told it. */
  #state: GroupState | undefined;
  /** Whether it has been looked at in this run. */
  #seen = false;
  /** Nanoseconds in each state, up to when the present one began. */
  readonly #time: Record<GroupState, bigint> = { ok: 0n, degraded: 0n, failed: 0n };
  #since: Hrtime;

  constructor(now: Hrtime) {
    this.#lastChange = now;
    this.#since = now;
  }

  /** When the state last changed. */
  get lastChange(): Hrtime {
    return this.#lastChange;
  }

  /** As last looked at. */
  get now(): GroupState {
    return this.#state ?? "failed";
  }

  /**
   * Takes the state of now for its own. Answers what there is to tell: a change, at the first look also that it is not well, and whether it was so
   * when an earlier run looked last.
   */
  enter(state: GroupState, now: Hrtime): { readonly from: GroupState | undefined } | undefined {
    const from = this.#state;
    const first = !this.#seen;
    this.#seen = true;
    if (from === state) return first && state !== "ok" ? { from } : undefined;
    if (from) {
      this.#time[from] += now - this.#since;
      this.#lastChange = now;
    }
    this.#since = now;
    this.#state = state;
    return from || state !== "ok" ? { from } : undefined;
  }

  /** Nanoseconds in each state so far. */
  time(now: Hrtime): Record<GroupState, bigint> {
    const times = { ...this.#time };
    times[this.now] += now - this.#since;
    return times;
  }

  /** Continues what an earlier run saved. */
  restore({ state, stateSince, stateTime }: SavedStates): void {
    this.#state = state;
    this.#lastChange = hrtime(stateSince);
    this.#since = hrtime(stateSince);
    Object.assign(this.#time, stateTime);
  }

  save(): SavedStates {
    return { state: this.now, stateSince: this.#since, stateTime: { ...this.#time } };
  }
}
