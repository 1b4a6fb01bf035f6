/** Which group an interface is in, or what a group is called: the request SIOCSLIFGROUPNAME (ip_sioctl_groupname). */

import type { Errno } from "../ipmp/errno.ts";
import { PHYI } from "../ipmp/flags.ts";
import type { Ill } from "../ipmp/ill.ts";
import { grpLookup, grpRename, type IpmpGroup } from "../ipmp/ipmp-group.ts";
import { illJoinIllgrp, phyintJoinGrp, phyintLeaveGrp } from "../ipmp/membership.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { grpVetPhyint } from "../ipmp/vet.ts";
import { type Ip, illsOf } from "./ip.ts";

/**
 * Joins, leaves (empty name) or renames. Errors as the kernel gives them: EINVAL, EALREADY (in another group), ENOENT (no
 * such group), EEXIST (rename), and those of the vetting.
 */
export function setGroupName(ip: Ip, phyint: Phyint, name: string): Errno {
  if (isNoMember(phyint)) return "EINVAL";
  if (phyint.grp && phyint.grp.name === name) return 0;
  if (phyint.isIpmp) return phyint.grp ? grpRename(phyint.grp, name) : "EINVAL";
  if (name === "") return leave(phyint);
  if (phyint.grp) return "EALREADY";
  const group = grpLookup(ip.stack, name);
  if (!group) return "ENOENT";
  const refusal = grpVetPhyint(group, phyint);
  if (refusal !== 0) return refusal;
  join(ip, phyint, group);
  return 0;
}

/** Whether an interface that is in no group might join that one: asked without doing it. */
export function mayJoin(phyint: Phyint, group: IpmpGroup): boolean {
  return !isNoMember(phyint) && grpVetPhyint(group, phyint) === 0;
}

/** Those never have a group. */
function isNoMember(phyint: Phyint): boolean {
  return (phyint.flags & PHYI.VIRTUAL) !== 0 || illsOf(phyint).some(usesSource);
}

function usesSource(ill: Ill): boolean {
  return ill.usesrcIfindex !== 0 || ill.usesrcGrpNext;
}

function leave(phyint: Phyint): Errno {
  if (phyint.grp) phyintLeaveGrp(phyint);
  return 0;
}

/** The ills join when the operation exits; until then the group counts them as pending. */
function join(ip: Ip, phyint: Phyint, group: IpmpGroup): void {
  if (phyint.v4) group.pendv4++;
  if (phyint.v6) group.pendv6++;
  phyintJoinGrp(phyint, group);
  ip.onExit(() => {
    if (phyint.v4 && group.v4) {
      group.pendv4--;
      illJoinIllgrp(phyint.v4, group.v4);
    }
    if (phyint.v6 && group.v6) {
      group.pendv6--;
      illJoinIllgrp(phyint.v6, group.v6);
    }
  });
}
