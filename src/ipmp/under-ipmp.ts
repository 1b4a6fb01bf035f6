/** The illgrp and the group of a member: every step of activation and leaving needs both. */

import type { Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { precondition } from "./panic.ts";

export interface UnderIpmp {
  readonly illgrp: Illgrp;
  readonly group: IpmpGroup;
}

/** Throws PreconditionError for an ill that is not under IPMP. */
export function underIpmp(ill: Ill): UnderIpmp {
  const illgrp = ill.grp;
  const group = ill.phyint.grp;
  precondition(illgrp !== undefined && group !== undefined && !ill.isIpmp, `"${ill.name}" is in an illgrp`);
  return { illgrp, group };
}
