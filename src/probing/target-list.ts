/**
 * The targets of one instance, the newest first: routers or hosts, never both. At most five are active and probed in turn
 * (mpd_tables.c, target_create, target_delete, target_next, target_select_best).
 */

import type { IpAddress } from "../ipmp/address.ts";
import { UNKNOWN } from "./round-trip.ts";
import { Target } from "./target.ts";
import { type Nanoseconds, nanoseconds } from "./time.ts";

/** MAX_PROBE_TARGETS. */
export const ACTIVE_MAX = 5;
/** MIN_PROBE_TARGETS: how many are made active at once when none is left. */
const ACTIVE_AGAIN = 3;
/** MIN_RECOVERY_TIME: a target that was set aside is not tried again before. */
const RECOVERY = nanoseconds(60_000);

export class TargetList {
  /** The list is of routers. An empty list is of hosts. */
  ofRouters = false;
  readonly #targets: Target[] = [];
  #active = 0;
  #cursor: Target | undefined;
  #rttCursor: Target | undefined;

  /** The newest first. */
  get targets(): readonly Target[] {
    return this.#targets;
  }

  /** How many are active. */
  get active(): number {
    return this.#active;
  }

  /** The target of the next judged probe; undefined when none is active. */
  get cursor(): Target | undefined {
    return this.#cursor;
  }

  /** The target of the next probe that only measures; undefined when none is active. */
  get rttCursor(): Target | undefined {
    return this.#rttCursor;
  }

  get isEmpty(): boolean {
    return this.#targets.length === 0;
  }

  find(address: IpAddress): Target | undefined {
    return this.#targets.find((target) => target.address === address);
  }

  /** Puts a new target at the head: active while there is room. */
  insert(address: IpAddress): void {
    const target = new Target(address);
    if (this.#active < ACTIVE_MAX) this.#activate(target);
    this.#targets.unshift(target);
  }

  /** Unlinks it. A cursor that stood on it goes to the first active one. The list may be left without an active target: see reactivate. */
  remove(target: Target): void {
    this.#targets.splice(this.#targets.indexOf(target), 1);
    if (target.status === "active") this.#active--;
    const first = this.#targets.find(({ status }) => status === "active");
    if (this.#cursor === target) this.#cursor = first;
    if (this.#rttCursor === target) this.#rttCursor = first;
  }

  /** Takes a router out of use for a while, and forgets its round trip. */
  setAside(target: Target, status: "slow" | "dead", now: Nanoseconds, movesRttCursor: boolean): void {
    if (target.status === "active") this.#active--;
    target.status = status;
    if (status === "slow") target.slowSince = now; // in.mpathd dates the slow ones only
    target.roundTrip = UNKNOWN;
    const wasNext = this.#cursor === target;
    if (wasNext) this.#cursor = this.#next(target, now);
    if (movesRttCursor && this.#rttCursor === target)
      this.#rttCursor = wasNext ? this.#cursor : this.#next(target, now);
  }

  /** After a judged probe: both cursors go on. */
  advance(now: Nanoseconds): void {
    if (this.#cursor !== undefined) this.#cursor = this.#next(this.#cursor, now);
    this.#rttCursor = this.#cursor;
  }

  /** After a probe that only measures. */
  advanceRtt(now: Nanoseconds): void {
    if (this.#rttCursor !== undefined) this.#rttCursor = this.#next(this.#rttCursor, now);
  }

  /**
   * The next active target after one, or itself at last. What it passes gets older on the way: an unused one becomes active if there is
   * room, a slow one that has waited becomes unused, a dead one slow.
   */
  #next(from: Target, now: Nanoseconds): Target | undefined {
    const targets = this.#targets;
    const start = targets.indexOf(from);
    for (let step = 1; step <= targets.length; step++) {
      const target = targets[(start + step) % targets.length];
      if (target === undefined) continue;
      if (target.status === "unused" && this.#active < ACTIVE_MAX) this.#activate(target);
      if (target.status === "active") return target;
      recover(target, now);
    }
    return undefined;
  }

  /** Makes up to three targets active when none is: what else there is, best first. */
  reactivate(now: Nanoseconds): void {
    while (this.#active < ACTIVE_AGAIN) {
      const best = this.#best(now);
      if (best === undefined) return;
      this.#activate(best);
    }
  }

  #best(now: Nanoseconds): Target | undefined {
    const found: Partial<Record<"recovered slow" | "slow" | "recovered dead" | "dead", Target>> = {};
    for (const target of this.#targets) {
      const { status } = target;
      if (status === "unused") return target;
      if (status === "active") continue;
      const rank = recover(target, now) ? (`recovered ${status}` as const) : status;
      found[rank] = target;
    }
    return found["recovered slow"] ?? found.slow ?? found["recovered dead"] ?? found.dead;
  }

  #activate(target: Target): void {
    if (this.#cursor === undefined) {
      this.#cursor = target;
      this.#rttCursor = target;
    }
    target.status = "active";
    this.#active++;
  }
}

/** One step back into use for a target that has been set aside for long enough; whether it took it. */
function recover(target: Target, now: Nanoseconds): boolean {
  if (target.slowSince + RECOVERY >= now) return false;
  if (target.status === "slow") {
    target.status = "unused";
    return true;
  }
  if (target.status === "dead") {
    target.status = "slow";
    target.slowSince = now;
    return true;
  }
  return false;
}
