/**
 * Losses and answers in a row, counted from the newest probe back, over all targets and for one of them (mpd_probe.c, probe_fail_info,
 * probe_success_info). Probes under way are passed over, unless they turn out to be lost.
 */

import type { Instance } from "./instance.ts";
import { deadlineOf, isOverdue, lose } from "./probe.ts";
import { RING_SLOTS } from "./probe-ring.ts";
import type { Target } from "./target.ts";
import { clockMilliseconds, difference, type Milliseconds } from "./time.ts";

/** Whenever a probe is sent, at most the newest still waits for its answer: no more than two are under way at any time. */
const PENDING_MAX = 2;

export interface Losses {
  readonly inARow: number;
  /** Among the probes of that target. */
  readonly ofTarget: number;
  /** When the oldest of the losses in a row happened; 0 without one. */
  readonly first: Milliseconds;
}

export function lossesOf(instance: Instance, target?: Target): Losses {
  const { nowMs } = instance.prober;
  let inARow = 0;
  let ofTarget = 0;
  let first = 0;
  let unbroken = true;
  let ofTargetUnbroken = target !== undefined;
  for (let rank = 1; rank < RING_SLOTS && (unbroken || ofTargetUnbroken || rank <= PENDING_MAX); rank++) {
    const probe = instance.ring.newest(rank);
    const isTargets = target !== undefined && probe.target === target;
    if (probe.status === "pending") {
      const deadline = deadlineOf(instance, probe);
      if (difference(deadline, nowMs) > 0) continue;
      lose(instance, probe, deadline);
    }
    if (probe.status !== "lost") {
      unbroken = false;
      if (isTargets) ofTargetUnbroken = false;
      continue;
    }
    if (unbroken) {
      inARow++;
      first = probe.lostAt;
    }
    if (isTargets && ofTargetUnbroken) ofTarget++;
  }
  return { inARow, ofTarget, first };
}

export interface Answers {
  readonly inARow: number;
  /** Among the probes of that target. */
  readonly ofTarget: number;
  /** When the newest answer was processed, whatever was lost since; undefined without one. */
  readonly last: Milliseconds | undefined;
}

export function answersOf(instance: Instance, target?: Target): Answers {
  let [inARow, ofTarget] = [0, 0];
  let [unbroken, ofTargetUnbroken] = [true, true];
  let last: Milliseconds | undefined;
  for (let rank = 1; rank < RING_SLOTS; rank++) {
    const probe = instance.ring.newest(rank);
    const isTargets = target !== undefined && probe.target === target;
    if (probe.status === "unused") break;
    if (probe.status === "pending") {
      if (!isOverdue(instance, probe)) continue;
      lose(instance, probe, deadlineOf(instance, probe));
    }
    if (probe.status === "acked") {
      last ??= clockMilliseconds(probe.processedAt);
      if (unbroken) inARow++;
      if (isTargets && ofTargetUnbroken) ofTarget++;
    } else {
      unbroken = false;
      if (isTargets) ofTargetUnbroken = false;
    }
  }
  return { inARow, ofTarget, last };
}
