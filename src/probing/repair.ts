/**
 * The verdict that a failed interface works again: ten probes answered in a row in either family; without probes, the link, unless it comes and
 * goes (mpd_probe.c, phyint_check_for_repair, phyint_repaired).
 */

import { PHYI } from "../ipmp/flags.ts";
import { transitionToRunning } from "./activity.ts";
import { haveTargetsAnswered } from "./failure.ts";
import type { Instance } from "./instance.ts";
import { changeFlags, changeState, type Phyint } from "./phyint.ts";
import { answersOf } from "./series.ts";
import { after, elapsed, type Milliseconds } from "./time.ts";

/** NUM_PROBE_REPAIRS: probes answered in a row. */
const REPAIR_ANSWERS = 10;
/** A third link-up within so long is one too many. */
const FLAP_WINDOW_MS = 60_000;

export function checkForRepair(phyint: Phyint): void {
  if (!isRepaired(phyint)) return;
  const isWithoutTargets = phyint.isProbed && !phyint.isCapable;
  phyint.group.prober.tell({ kind: "repair", phyint });
  if (phyint.state === "offline") changeFlags(phyint, 0, PHYI.FAILED);
  else transitionToRunning(phyint);
  if (isWithoutTargets && phyint.state === "running") changeState(phyint, "notargets");
}

function isRepaired(phyint: Phyint): boolean {
  if (!phyint.linkUp) return false;
  return isJudgedByLink(phyint) ? isStable(phyint) : phyint.instances.some(hasAnswers);
}

/**
 * Nothing but its link speaks for or against it: it has no test address or, in the service, nobody to send probes to, or its link was lost and is
 * back where no target has ever answered.
 */
export function isJudgedByLink(phyint: Phyint): boolean {
  if (!phyint.isProbed) return true;
  if (isBackAmongMutes(phyint)) return true;
  const { deviations, now } = phyint.group.prober;
  if (!deviations.repairsByLinkWithoutTargets || phyint.hadTargetSinceLinkUp) return false;
  return phyint.instances.every(({ isOn, quietUntil, targets }) => !isOn || (targets.isEmpty && quietUntil <= now));
}

function isBackAmongMutes({ instances, linkUps: [, newer], group: { prober } }: Phyint): boolean {
  if (!prober.deviations.waitsForFirstAnswer || newer === 0) return false;
  return instances.every(
    (instance) => !instance.isOn || (instance.quietUntil <= prober.now && !haveTargetsAnswered(instance)),
  );
}

/** Whether its last two link-ups leave room for another one. Says so once if they do not. */
function isStable(phyint: Phyint): boolean {
  const { prober } = phyint.group;
  const [older] = phyint.linkUps;
  const age = elapsed(older, prober.nowMs);
  const isPast = prober.deviations.includesDeadlines ? age >= FLAP_WINDOW_MS : age > FLAP_WINDOW_MS;
  const isStable = older === 0 || isPast;
  if (!isStable && !phyint.saidFlapping) prober.tell({ kind: "flapping", phyint });
  phyint.saidFlapping = !isStable;
  return isStable;
}

/** When the third of three link-ups within a minute may count. */
export function stableAt({ linkUps: [older] }: Phyint): Milliseconds {
  return after(older, FLAP_WINDOW_MS);
}

function hasAnswers(instance: Instance): boolean {
  if (!instance.isCapable) return false;
  const { inARow, ofTarget } = answersOf(instance, instance.ring.newest(1).target);
  return inARow >= REPAIR_ANSWERS || ofTarget >= REPAIR_ANSWERS;
}
