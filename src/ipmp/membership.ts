/** Joining and leaving a group: the interface with its counters, then each of its families. */

import { illDeactivate } from "./activation.ts";
import { illgrpDestroyArpent } from "./arpent.ts";
import { ILLF } from "./flags.ts";
import { IFT_OTHER, type Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { illIreClearTesthidden, illIreMarkTesthidden, ireWalkIll } from "./ire.ts";
import { foldKstats, phyintGetKstats } from "./link-kstats.ts";
import { illgrpRefreshMtu, illgrpSetMtu } from "./mtu.ts";
import { precondition } from "./panic.ts";
import type { Phyint } from "./phyint.ts";
import { illRefreshActive } from "./refresh.ts";
import { illRtsaddrmsg } from "./routing-message.ts";
import { underIpmp } from "./under-ipmp.ts";

/** ipmp_phyint_join_grp: the link's counters so far are not the group's, so they become the baseline. The ills join by illJoinIllgrp. */
export function phyintJoinGrp(phyint: Phyint, group: IpmpGroup): void {
  precondition(!phyint.isIpmp && phyint.grp === undefined, `"${phyint.name}" is a link in no group`);
  // The v6 ill's media type wins. Both are the same on any real link.
  const mactype = (phyint.v6 ?? phyint.v4)?.mactype;
  precondition(mactype !== undefined, `"${phyint.name}" has an address family`);
  if (phyint.v4 !== undefined) illRtsaddrmsg(phyint.v4, "RTM_DELETE");
  if (phyint.v6 !== undefined) illRtsaddrmsg(phyint.v6, "RTM_DELETE");
  phyintGetKstats(phyint, phyint.kstats0);
  phyint.grp = group;
  group.nif++;
  if (group.nif === 1) group.mactype = mactype;
  group.members.add(phyint);
  phyint.stack.effects.phyintJoined(phyint, group);
}

/** ipmp_phyint_leave_grp: what the link counted while it was in stays with the group. Ills still in an illgrp leave first. */
export function phyintLeaveGrp(phyint: Phyint): void {
  const group = phyint.grp;
  precondition(group !== undefined && !phyint.isIpmp, `"${phyint.name}" is in a group`);
  const { v4, v6 } = phyint;
  if (v4?.isUnderIpmp) illLeaveIllgrp(v4);
  if (v6?.isUnderIpmp) illLeaveIllgrp(v6);
  if (v4 !== undefined) illRtsaddrmsg(v4, "RTM_ADD");
  if (v6 !== undefined) illRtsaddrmsg(v6, "RTM_ADD");
  foldKstats(phyint, group.kstats0);
  group.nif--;
  phyint.grp = undefined;
  group.members.delete(phyint);
  phyint.stack.effects.phyintLeft(phyint, group);
}

/** ipmp_ill_join_illgrp. */
export function illJoinIllgrp(ill: Ill, illgrp: Illgrp): void {
  const group = ill.phyint.grp;
  const { ipmpIll } = illgrp;
  const { effects } = ill.stack;
  precondition(ill.grp === undefined && !ill.isIpmp, `"${ill.name}" is a link's ill in no illgrp`);
  precondition(group?.[ill.family] === illgrp, `"${illgrp.name}" is linked to the group of "${ill.phyint.name}"`);

  if (ill.family === "v4") group.nv4++;
  else group.nv6++;
  setFlag(ill, ILLF.ROUTER, (ipmpIll.flags & ILLF.ROUTER) !== 0);

  effects.updateConnIll(ill);
  if (ill.family === "v6") effects.resetMrtIll(ill);
  else for (const ipif of ill.ipifs) effects.resetMrtVifIpif(ipif);
  effects.ipPurgeAllmulti(ill);

  const hasCos = (ill.flags & ILLF.COS_ENABLED) !== 0;
  if (illgrp.ills.length === 0) {
    ipmpIll.physAddrLength = ill.physAddrLength;
    ipmpIll.ndLlaLen = ill.ndLlaLen;
    ipmpIll.type = ill.type;
    if (hasCos) setFlag(ipmpIll, ILLF.COS_ENABLED, true);
    // Announced even if it is the MTU already or below what IP allows: only illgrpRefreshMtu checks that.
    illgrpSetMtu(illgrp, ill.mtu);
  } else {
    if (!hasCos) setFlag(ipmpIll, ILLF.COS_ENABLED, false);
    if (illgrp.mtu > ill.mtu) illgrpSetMtu(illgrp, ill.mtu);
  }

  illgrp.ills.push(ill);
  ill.grp = illgrp;
  ireWalkIll(ill, "MATCH_IRE_ILL", illIreMarkTesthidden);
  effects.illJoined(ill, illgrp);
  illRefreshActive(ill);
}

/** ipmp_ill_leave_illgrp. */
export function illLeaveIllgrp(ill: Ill): void {
  const { group, illgrp } = underIpmp(ill);
  const { ills, ipmpIll } = illgrp;
  const { effects } = ill.stack;

  // The timer is cancelled and its id is kept: the kernel forgets to clear it, and later believes that a retry is armed.
  if (ill.refreshTid !== 0) effects.untimeout(ill);
  ireWalkIll(ill, "MATCH_IRE_ILL", illIreClearTesthidden);
  for (const ipif of ill.ipifs) if (ipif.isUp) effects.ipifMulticastDown(ipif);
  if (ill.family === "v4") group.nv4--;
  else group.nv6--;
  if (illgrp.actif.includes(ill)) illDeactivate(ill);
  ills.splice(ills.indexOf(ill), 1);
  ill.grp = undefined;
  for (const ipif of ill.ipifs) if (ipif.isUp) effects.ipifMulticastUp(ipif);
  illgrpRefreshMtu(illgrp);

  if (ills.length === 0) {
    for (const arpent of illgrp.arpents.slice()) illgrpDestroyArpent(illgrp, arpent);
    ipmpIll.physAddrLength = 0;
    ipmpIll.ndLlaLen = 0;
    ipmpIll.type = IFT_OTHER;
    setFlag(ipmpIll, ILLF.COS_ENABLED, false);
  } else if ((ill.flags & ILLF.COS_ENABLED) === 0 && ills.every(({ flags }) => (flags & ILLF.COS_ENABLED) !== 0)) {
    setFlag(ipmpIll, ILLF.COS_ENABLED, true);
  }
  effects.illLeft(ill, illgrp);
}

function setFlag(ill: Ill, flag: number, on: boolean): void {
  ill.flags = on ? ill.flags | flag : ill.flags & ~flag;
}
