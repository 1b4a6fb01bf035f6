/** Where a member stands: its illgrp and its group, which every step of activation and leaving needs. */

import type { Group } from "./group.ts";
import type { Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import { precondition } from "./panic.ts";

export interface Place {
  readonly illgrp: Illgrp;
  readonly group: Group;
}

/** Throws PreconditionError for an ill that is not under IPMP. */
export function placeOf(ill: Ill): Place {
  const illgrp = ill.grp;
  const group = ill.phyint.grp;
  precondition(illgrp !== undefined && group !== undefined && !ill.isIpmp, `"${ill.name}" is in an illgrp`);
  return { illgrp, group };
}
