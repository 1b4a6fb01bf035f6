/** Activating and deactivating a member: whether its illgrp sends and receives through it. Others see the effects, so their order is the kernel's. */

import { illgrpRefreshArpent } from "./arpent.ts";
import { illBindIpif, illgrpMaxIll, illgrpMinIll, illUnbindIpif, moveNewest } from "./binding.ts";
import type { Ill } from "./ill.ts";
import { type Ipif, ipifIsUpDataaddr } from "./ipif.ts";
import { illDowniIfClone, ireWalkIll } from "./ire.ts";
import { ipDlnotifyAlloc } from "./link-note.ts";
import { ncecDeletePerIll, ncecWalk, nceFlush } from "./neighbour.ts";
import { illgrpSetCast } from "./nomination.ts";
import { underIpmp } from "./under-ipmp.ts";

/** ipmp_ill_activate: false when the group had no active ill and there is no memory for its link notes; then nothing has changed. */
export function illActivate(ill: Ill): boolean {
  const { group, illgrp } = underIpmp(ill);
  const { ipmpIll } = illgrp;
  const { effects } = ill.stack;
  const first = group.nactif === 0;
  const linkUp = first ? ipDlnotifyAlloc(ill.stack, "DL_NOTE_LINK_UP", 0) : undefined;
  // The second is asked for even if the first failed, as in the kernel.
  const linkDown = first ? ipDlnotifyAlloc(ill.stack, "DL_NOTE_LINK_DOWN", 0) : undefined;
  if (first && (linkUp === undefined || linkDown === undefined)) {
    if (linkUp !== undefined) effects.freemsg(linkUp);
    if (linkDown !== undefined) effects.freemsg(linkDown);
    return false;
  }

  if (illgrp.nactif === 0) {
    illgrpSetCast(illgrp, ill);
    for (const ipif of ipmpIll.ipifs) {
      if (ipifIsUpDataaddr(ipif)) illBindIpif(ill, ipif, "initial");
    }
  } else {
    // The ill is not on the active list yet, so illgrpMaxIll cannot answer with it.
    let max = illgrpMaxIll(illgrp);
    while (max !== undefined && ill.boundCnt + 1 < max.boundCnt) {
      moveNewest(max, ill);
      max = illgrpMaxIll(illgrp);
    }
  }

  illgrp.actif.push(ill);
  illgrp.nextIll = ill;
  if (ill.family === "v4") illgrpRefreshArpent(illgrp);

  if (linkUp !== undefined && linkDown !== undefined) {
    group.linkdownmp = linkDown;
    effects.put(ipmpIll, linkUp);
  }
  group.nactif++;
  effects.illActivated(ill);
  return true;
}

/** ipmp_ill_deactivate. Cannot fail: the link-down note that the last deactivation needs was allocated at the first activation. */
export function illDeactivate(ill: Ill): void {
  const { group, illgrp } = underIpmp(ill);
  const { actif, ipmpIll } = illgrp;
  const { effects } = ill.stack;

  actif.splice(actif.indexOf(ill), 1);
  illgrp.nextIll = actif[0];
  if (illgrp.castIll === ill) illgrpSetCast(illgrp, actif[0]);
  nceFlush(ill);

  // All addresses are unbound before the first is bound again, so that two members with the same link-layer address cannot confuse the resolver.
  const unbound: Ipif[] = [];
  for (;;) {
    const ipif = illUnbindIpif(ill, undefined, true);
    if (ipif === undefined) break;
    unbound.push(ipif);
  }
  if (ill.family === "v4") illgrpRefreshArpent(illgrp);
  for (const ipif of unbound.reverse()) {
    const min = illgrpMinIll(illgrp);
    if (min !== undefined) illBindIpif(min, ipif, "rebind");
  }

  if (actif.length === 0) ncecWalk(ipmpIll, ncecDeletePerIll);
  ireWalkIll(ill, "MATCH_IRE_TYPE", illDowniIfClone);

  group.nactif--;
  if (group.nactif === 0 && group.linkdownmp !== undefined) {
    effects.put(ipmpIll, group.linkdownmp);
    group.linkdownmp = undefined;
  }
  effects.illDeactivated(ill);
}
