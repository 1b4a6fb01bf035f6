/**
 * The failure detection time of a group follows the round trips of its targets: a target that needs longer than the probe interval raises it,
 * and when all are quick again it is lowered, down to the configured one (mpd_probe.c, incoming_echo_reply, incoming_rtt_reply).
 */

import { deleteTarget } from "./discovery.ts";
import type { Instance } from "./instance.ts";
import { sendProbe } from "./probe.ts";
import { detectionTimeOf, intervalOf } from "./prober.ts";
import { withSample } from "./round-trip.ts";
import type { Target } from "./target.ts";
import type { TargetList } from "./target-list.ts";
import { type Nanoseconds, nanoseconds } from "./time.ts";

/** MIN_SETTLING_TIME: it is not lowered for so long after a raise, so that it does not go up and down. */
const SETTLING = nanoseconds(60_000);
/** Active targets among which one that is slower than all others is told apart (MIN_TARGETS_FOR_EXCEPTION). */
const ENOUGH_TO_COMPARE = 4;

/** A round trip was measured by a judged probe, which was sent at that time. */
export function takeSample(instance: Instance, target: Target, sentAt: Nanoseconds, sample: Nanoseconds): void {
  const isQuick = instance.prober.deviations.quickNeverRaises && 8 * sample <= target.roundTrip.average8;
  if (isQuick) applyQuick(instance, target, sample);
  else applySample(instance, target, sentAt, sample);
  if (target.roundTrip.conservativeMs <= instance.phyint.group.intervalMs) lower(instance, target, "uni");
  else if (isQuick) return;
  else if (isException(instance, target)) setSlowTargetAside(instance, target);
  else raise(instance, target);
}

/** A round trip was measured by a probe that only measures: it counts if it is shorter. */
export function takeShorterSample(instance: Instance, target: Target, sample: Nanoseconds): void {
  const roundTrip = withSample(target.roundTrip, sample, leastMs(instance));
  if (roundTrip.conservativeMs < target.roundTrip.conservativeMs) target.roundTrip = roundTrip;
  lower(instance, target, "rtt");
}

function leastMs({ prober }: Instance): number {
  return prober.deviations.keepsShortRoundTrips ? 1 : 0;
}

/** A sample that is no longer than the average: it may lift the estimate, by its deviation, and nothing follows from that. */
function applyQuick(instance: Instance, target: Target, sample: Nanoseconds): void {
  target.roundTrip = withSample(target.roundTrip, sample, leastMs(instance));
  target.deferred = undefined;
}

/** One sample that alone would lift the round trip above the interval waits for a second one; a shorter one drops it. */
function applySample(instance: Instance, target: Target, sentAt: Nanoseconds, sample: Nanoseconds): void {
  const least = leastMs(instance);
  const roundTrip = withSample(target.roundTrip, sample, least);
  const { deferred, deferredAt } = target;
  if (roundTrip.conservativeMs <= instance.phyint.group.intervalMs) {
    target.roundTrip = roundTrip;
  } else if (deferred === undefined) {
    target.deferred = sample;
    target.deferredAt = sentAt + sample;
    return;
  } else if (sentAt < deferredAt && instance.prober.deviations.confirmsSlowness) {
    return; // both waited for the same thing, and say nothing of each other
  } else {
    target.roundTrip = withSample(withSample(target.roundTrip, deferred, least), sample, least);
  }
  target.deferred = undefined;
}

/** Whether this target alone is slow: then it is the target, and not the path. */
function isException({ targets, phyint }: Instance, target: Target): boolean {
  const quickMs = Math.floor(phyint.group.intervalMs / 2);
  return targets.active >= ENOUGH_TO_COMPARE && answerWithin(quickMs, targets, target);
}

/** Whether every active target answers within so long, one left out. */
function answerWithin(limitMs: number, { targets }: TargetList, leftOut?: Target): boolean {
  return targets.every(
    (target) => target === leftOut || target.status !== "active" || target.roundTrip.conservativeMs <= limitMs,
  );
}

function setSlowTargetAside(instance: Instance, target: Target): void {
  const { prober, targets } = instance;
  if (targets.ofRouters) {
    targets.setAside(target, "slow", prober.now, prober.deviations.movesRttCursor);
  } else {
    deleteTarget(instance, target);
    sendProbe(instance, "multi");
  }
}

function raise(instance: Instance, { roundTrip }: Target): void {
  const { prober } = instance;
  const { group } = instance.phyint;
  group.intervalMs = 2 * roundTrip.conservativeMs;
  group.failureDetectionTimeMs = detectionTimeOf(group.intervalMs);
  group.lastRaise = prober.now;
  prober.lastRaise = prober.now;
  if (!group.isAnonymous) prober.tell({ kind: "fdt-raised", instance, by: "uni" });
}

/** Halves it, if the target and all others in the group answer within a quarter of the interval. */
function lower(instance: Instance, { roundTrip }: Target, by: "uni" | "rtt"): void {
  const { prober } = instance;
  const { group } = instance.phyint;
  const configuredMs = prober.settings.failureDetectionTimeMs;
  const quickMs = Math.floor(group.intervalMs / 4);
  const lastRaise = prober.deviations.settlesPerGroup ? group.lastRaise : prober.lastRaise;
  if (roundTrip.conservativeMs >= quickMs || configuredMs >= group.failureDetectionTimeMs) return;
  if (lastRaise + SETTLING >= prober.now) return;
  const probing = group.members.filter(({ state }) => state !== "failed").flatMap(({ instances }) => instances);
  if (!probing.every(({ isCapable, targets }) => !isCapable || answerWithin(quickMs, targets))) return;
  group.failureDetectionTimeMs = Math.max(Math.floor(group.failureDetectionTimeMs / 2), configuredMs);
  group.intervalMs = intervalOf(group.failureDetectionTimeMs);
  if (!group.isAnonymous) prober.tell({ kind: "fdt-lowered", instance, by });
  if (group.failureDetectionTimeMs === configuredMs) {
    for (const other of prober.instances) other.judgedBase = other.base;
  }
}
