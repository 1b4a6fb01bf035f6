/** What happens when an instance's timer is due: the newest probes are judged, and the next one is sent (mpd_probe.c, phyint_inst_timer). */

import { checkForFailure, dropMuteTargets, haveTargetsAnswered } from "./failure.ts";
import type { Instance } from "./instance.ts";
import { deadlineOf, isOverdue, lose, sendProbe } from "./probe.ts";
import { checkForRepair, isJudgedByLink, stableAt } from "./repair.ts";
import { sequence } from "./sequence.ts";
import { after, difference } from "./time.ts";

/** Does what is due; answers in how many milliseconds the timer wants to be asked again, which may be never. */
export function expire(instance: Instance): number {
  const { phyint, prober, targets } = instance;
  const { nowMs } = prober;
  if (!phyint.isProbed && phyint.state === "failed" && phyint.linkUp) {
    const stable = stableAt(phyint);
    if (stable > nowMs) return stable - nowMs; // compared plainly, as in.mpathd does: the scan helps out when the clock wraps
    checkForRepair(phyint);
  }
  if (!instance.isOn) return Number.POSITIVE_INFINITY;
  const early = difference(instance.next, nowMs);
  if (early > 0) return early;
  if (!phyint.linkUp) return Number.POSITIVE_INFINITY;
  const hasMissed = setNext(instance);
  const wait = difference(instance.next, nowMs);
  instance.isPutOff = hasMissed && prober.deviations.keepsSpread && !instance.isPutOff;
  if (instance.isPutOff) return wait;
  if (targets.cursor === undefined) {
    instance.judgedBase = instance.base;
    sendProbe(instance, "multi");
  } else if (isBetweenJudgedProbes(instance)) {
    sendProbe(instance, "rtt");
  } else {
    setJudgedBase(instance);
    judge(instance, ageNewest(instance));
    sendJudged(instance);
  }
  return wait;
}

/** The next time is spread over half an interval before the next regular one. Times that passed while nobody called are left out: whether there were any. */
function setNext(instance: Instance): boolean {
  const { prober } = instance;
  const { intervalMs, nowMs } = prober;
  instance.next = after(instance.base, prober.draw(Math.floor(intervalMs / 2), intervalMs));
  const late = difference(nowMs, instance.next);
  if (late > 0) {
    const missed = Math.floor(late / intervalMs) + 1;
    instance.next = after(instance.next, missed * intervalMs);
    instance.base = after(instance.base, missed * intervalMs);
    prober.tell({ kind: "missed", instance, count: missed });
  }
  instance.base = after(instance.base, intervalMs);
  return late > 0;
}

/** While the group's interval is longer than the configured one, probes that only measure go out at the configured one. */
function isBetweenJudgedProbes({ phyint, prober, next, judgedBase }: Instance): boolean {
  return prober.intervalMs !== phyint.group.intervalMs && difference(next, judgedBase) < 0;
}

function setJudgedBase(instance: Instance): void {
  const { intervalMs } = instance.phyint.group;
  const { nowMs } = instance.prober;
  if (instance.prober.intervalMs === intervalMs) {
    instance.judgedBase = instance.base;
    return;
  }
  instance.judgedBase = after(instance.judgedBase, intervalMs);
  const late = difference(nowMs, instance.judgedBase);
  if (late > 0) instance.judgedBase = after(instance.judgedBase, (Math.floor(late / intervalMs) + 1) * intervalMs);
}

/** At most the newest probe may still wait for its answer. An answer among the two newest ends the quiet time. How many are waiting. */
function ageNewest(instance: Instance): number {
  const { prober, ring } = instance;
  const [newest, second] = [ring.newest(1), ring.newest(2)];
  let waiting = 0;
  for (const probe of [newest, second]) {
    if (probe.status === "acked") instance.quietUntil = Math.min(instance.quietUntil, prober.now);
    if (probe.status !== "pending") continue;
    if (isOverdue(instance, probe)) lose(instance, probe, deadlineOf(instance, probe));
    else if (probe === second) lose(instance, probe, prober.nowMs);
    else waiting++;
  }
  return waiting;
}

/** Asks for a repair when the newest probes have been answered, for a failure when they have not. */
function judge(instance: Instance, waiting: number): void {
  const { phyint, prober } = instance;
  const upTo = instance.highestAnswered + waiting + 1;
  const areAnswered = (prober.deviations.wrapsSequence ? sequence(upTo) : upTo) === instance.nextSequence;
  if (phyint.state === "failed") {
    if (areAnswered || isJudgedByLink(phyint)) checkForRepair(phyint);
  } else if (phyint.state === "running" && instance.quietUntil <= prober.now) {
    if (prober.deviations.waitsForFirstAnswer && !haveTargetsAnswered(instance)) return;
    if (!areAnswered) checkForFailure(instance);
    else if (prober.deviations.judgesEveryTarget) dropMuteTargets(instance);
  }
}

/** One judged probe; a multicast one as well while a single host is all there is to ask. The verdict may have left no target at all. */
function sendJudged(instance: Instance): void {
  const { targets } = instance;
  if (targets.cursor !== undefined) {
    sendProbe(instance, "uni");
    if (targets.ofRouters || targets.active !== 1) return;
  }
  sendProbe(instance, "multi");
}
