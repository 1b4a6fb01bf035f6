/** Which member sends: round robin over the active ones for unicast, the nominee for the rest. */

import { type Ill, illCheckAndRefhold } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";

/** ipmp_illgrp_next_ill: the active member whose turn it is to send; the turn then goes to the next. Undefined when none is active. */
export function illgrpNextIll(illgrp: Illgrp): Ill | undefined {
  const { actif, nextIll } = illgrp;
  if (nextIll === undefined) return undefined;
  illgrp.nextIll = actif[actif.indexOf(nextIll) + 1] ?? actif[0];
  return nextIll;
}

/** ipmp_illgrp_hold_next_ill: the next that is not condemned; undefined after one round. */
export function illgrpHoldNextIll(illgrp: Illgrp): Ill | undefined {
  for (let tries = illgrp.nactif; tries > 0; tries--) {
    const ill = illgrpNextIll(illgrp);
    if (ill !== undefined && illCheckAndRefhold(ill)) return ill;
  }
  return undefined;
}

/** ipmp_illgrp_hold_cast_ill: the nominee, unless there is none or it is condemned. */
export function illgrpHoldCastIll(illgrp: Illgrp): Ill | undefined {
  const ill = illgrp.castIll;
  return ill !== undefined && illCheckAndRefhold(ill) ? ill : undefined;
}

/** ipmp_ill_get_xmit_ill: what sends for `ill`; itself outside any illgrp, even condemned. */
export function illGetXmitIll(ill: Ill, isUnicast: boolean): Ill | undefined {
  const illgrp = ill.grp;
  if (illgrp === undefined) {
    ill.stack.effects.illRefhold(ill);
    return ill;
  }
  return isUnicast ? illgrpHoldNextIll(illgrp) : illgrpHoldCastIll(illgrp);
}
