/** The nominee: the one member that speaks and hears multicast and broadcast for its illgrp (ig_cast_ill). */

import type { Ill } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import { ncecDeleteNonlocal, ncecWalk } from "./neighbour.ts";

/**
 * ipmp_illgrp_set_cast: from the old nominee to the new, or to none. Whether multicast moves depends on the meta-interface's data link at this
 * moment, not on what was done at the old nomination.
 */
export function illgrpSetCast(illgrp: Illgrp, ill: Ill | undefined): void {
  const { ipmpIll, castIll: old } = illgrp;
  const { effects } = ipmpIll.stack;
  if (old !== undefined) {
    effects.castDisabled(illgrp, old);
    old.nomCast = false;
    if (ipmpIll.dlUp) effects.illLeaveMulticast(ipmpIll);
    ncecWalk(old, (ncec) => ncecDeleteNonlocal(ncec, old));
  }
  illgrp.castIll = ill;
  if (ill !== undefined) {
    effects.castEnabled(illgrp, ill);
    ill.nomCast = true;
    if (ipmpIll.dlUp) effects.illRecoverMulticast(ipmpIll);
  }
}
