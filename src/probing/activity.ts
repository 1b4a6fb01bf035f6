/**
 * Which members carry data: as many as there are members without STANDBY, at least one. A standby is INACTIVE while they suffice, and so is a
 * repaired member with FAILBACK=no (mpd_probe.c, phyint_transition_to_running, phyint_activate_another, phyint_standby_refresh_inactive).
 */

import { PHYI } from "../ipmp/flags.ts";
import type { Group } from "./group.ts";
import { refreshGroup } from "./group-state.ts";
import { changeFlags, changeState, type Phyint } from "./phyint.ts";

interface Balance {
  /** Active members, and how many there ought to be. */
  readonly active: number;
  readonly wanted: number;
  /** The oldest active standby: the first to be sent back. */
  readonly activeStandby: Phyint | undefined;
}

/** The anonymous group has no balance: nobody stands in for anybody. */
function balanceOf({ members, isAnonymous, prober }: Group): Balance {
  if (isAnonymous) return { active: 0, wanted: 0, activeStandby: undefined };
  const normal = members.filter((member) => !member.has("STANDBY")).length;
  return {
    active: members.filter(({ isActive }) => isActive).length,
    wanted: Math.max(normal, prober.deviations.keepsOneActive ? 1 : 0),
    activeStandby: members.findLast((member) => member.isActive && member.has("STANDBY")),
  };
}

/** The interface works (again): repaired, brought online, or seen for the first time. */
export function transitionToRunning(phyint: Phyint): void {
  const { group, state } = phyint;
  const { active, wanted, activeStandby } = balanceOf(group);
  const enough = active >= wanted;
  let set = 0;
  let clear: number = state === "offline" ? PHYI.OFFLINE : PHYI.FAILED;
  if (phyint.has("STANDBY")) {
    if (enough) set = PHYI.INACTIVE;
    else clear |= PHYI.INACTIVE;
  } else if (state === "offline" || group.prober.settings.failback) {
    if (enough && activeStandby !== undefined) changeFlags(activeStandby, PHYI.INACTIVE, 0);
  } else if (state !== "init" && !group.hasFailed) {
    set = PHYI.INACTIVE;
  }
  changeFlags(phyint, set, clear);
  changeState(phyint, "running");
  refreshGroup(group);
}

/** An active member is lost: another one takes its place, the newest standby, else the oldest that waits for another reason. */
export function activateAnother(lost: Phyint): void {
  if (lost.group.isAnonymous) return;
  const waiting = lost.others.filter((member) => member.isFunctioning && member.has("INACTIVE"));
  const chosen = waiting.find((member) => member.has("STANDBY")) ?? waiting.at(-1);
  if (chosen !== undefined) changeFlags(chosen, 0, PHYI.INACTIVE);
}

/** A member has become a standby: it is active if it is needed. */
export function refreshStandby(phyint: Phyint): void {
  if (phyint.group.isAnonymous) {
    changeFlags(phyint, 0, PHYI.INACTIVE);
    return;
  }
  if (!phyint.isFunctioning) return;
  const { active, wanted } = balanceOf(phyint.group);
  if (active === 0 || active < wanted) changeFlags(phyint, 0, PHYI.INACTIVE);
  else if (active > wanted) changeFlags(phyint, PHYI.INACTIVE, 0);
}
