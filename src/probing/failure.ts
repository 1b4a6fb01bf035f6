/**
 * The verdict that an interface, or its whole group, has failed: five probes lost in a row in every family that is probed, or the link lost
 * (mpd_probe.c, phyint_inst_check_for_failure, failure_state, phyint_inst_probe_failure_state).
 */

import { PHYI } from "../ipmp/flags.ts";
import { activateAnother } from "./activity.ts";
import { deleteTarget } from "./discovery.ts";
import type { Group } from "./group.ts";
import { refreshGroup } from "./group-state.ts";
import type { Instance } from "./instance.ts";
import { changeFlags, changeState, forgetRoundTrips, type Phyint } from "./phyint.ts";
import { sendProbe } from "./probe.ts";
import { answersOf, lossesOf } from "./series.ts";
import type { Target } from "./target.ts";
import { difference, type Milliseconds } from "./time.ts";

/** NUM_PROBE_FAILS: probes lost in a row. */
export const FAILURE_LOSSES = 5;

/** The interface may have failed: its link is gone, or its newest probes have no answer. */
export function checkForFailure(instance: Instance): void {
  const { phyint } = instance;
  const { group } = phyint;
  let firstLoss: Milliseconds = 0;
  if (phyint.linkUp) {
    const suspicion = suspicionOf(instance);
    if (suspicion === undefined) return;
    firstLoss = suspicion;
  }
  const isGroupFailure = !group.isAnonymous && !phyint.others.some((other) => isWitness(other, phyint, firstLoss));
  refreshGroup(group);
  if (isGroupFailure) failGroup(group);
  else failInterface(phyint);
}

/** Whether a target is known to answer probes at all: it has answered a member of the group, or the interface itself where it is in none. */
export function haveTargetsAnswered({ phyint, family, hasBeenAnswered }: Instance): boolean {
  if (hasBeenAnswered || phyint.group.isAnonymous) return hasBeenAnswered;
  return phyint.group.members.some((member) => member[family]?.hasBeenAnswered === true);
}

/** When the first of the losses happened that make a failure; undefined if there are not enough of them. */
function suspicionOf(instance: Instance): Milliseconds | undefined {
  const { other } = instance;
  const losses = lossesOf(instance);
  if (losses.inARow < FAILURE_LOSSES) {
    dropMuteTargets(instance);
    return undefined;
  }
  if (other?.isCapable !== true) return losses.first;
  const others = lossesOf(other);
  if (others.inARow < FAILURE_LOSSES) return undefined;
  return difference(others.first, losses.first) < 0 ? others.first : losses.first;
}

/** Others answer: a target that has lost as many probes as make a failure is at fault itself. */
export function dropMuteTargets(instance: Instance): void {
  const { ring, targets, prober } = instance;
  const suspects = prober.deviations.judgesEveryTarget
    ? targets.targets.filter(({ status }) => status === "active")
    : [ring.newest(1).target];
  for (const target of suspects) {
    if (target !== undefined && lossesOf(instance, target).ofTarget >= FAILURE_LOSSES) dropTarget(instance, target);
  }
}

function dropTarget(instance: Instance, target: Target): void {
  const { prober, targets } = instance;
  if (!targets.ofRouters) {
    deleteTarget(instance, target);
    sendProbe(instance, "multi");
    return;
  }
  targets.setAside(target, "dead", prober.now, prober.deviations.movesRttCursor);
  if (targets.active === 0 && prober.deviations.keepsAnActiveTarget) targets.reactivate(prober.now);
}

/** Whether another member shows that the network is there, so that the failure is the interface's own. */
function isWitness(other: Phyint, phyint: Phyint, firstLoss: Milliseconds): boolean {
  const works = (): boolean => other.state === "running" && !other.group.hasFailed && other.has("RUNNING");
  if (!phyint.linkUp) return works();
  if (!other.linkUp) return false;
  if (!other.isProbed) return true;
  return other.instances.some((instance) => {
    const { last } = answersOf(instance);
    return last !== undefined && difference(last, firstLoss) > 0 && works();
  });
}

function failInterface(phyint: Phyint): void {
  const wasActive = !phyint.has("INACTIVE");
  changeFlags(phyint, PHYI.FAILED, PHYI.INACTIVE);
  phyint.group.prober.tell({ kind: "failure", phyint });
  if (wasActive) activateAnother(phyint);
  if (phyint.state === "offline") return;
  changeState(phyint, "failed");
  forgetRoundTrips(phyint);
}

/** Nobody in the group has an answer: the network behind it is gone, or all targets are mute. */
function failGroup({ members }: Group): void {
  for (const phyint of members) {
    changeFlags(phyint, PHYI.FAILED, PHYI.INACTIVE);
    if (phyint.state === "offline") continue;
    forgetRoundTrips(phyint);
    if (phyint.state === "running") changeState(phyint, "failed");
  }
}
