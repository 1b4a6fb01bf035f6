/** The group's MTU: the least of its members', announced to the meta-interface (ipmp.c, ipmp_illgrp_*_mtu). */

import { MIN_MTU } from "./address.ts";
import type { Illgrp } from "./illgrp.ts";
import { ipDlnotifyAlloc } from "./link-note.ts";

/** ipmp_illgrp_set_mtu: announces `mtu`, and remembers it only if that could be done, so that the next refresh tries again. */
export function illgrpSetMtu(illgrp: Illgrp, mtu: number): void {
  const { ipmpIll } = illgrp;
  const notification = ipDlnotifyAlloc(ipmpIll.stack, "DL_NOTE_SDU_SIZE", mtu);
  if (notification === undefined) return;
  const before = illgrp.mtu;
  illgrp.mtu = mtu;
  ipmpIll.stack.effects.put(ipmpIll, notification);
  if (before !== mtu) ipmpIll.stack.effects.mtuSet(illgrp, before);
}

/** ipmp_illgrp_refresh_mtu: the least MTU of all members, active or not, but no less than IP allows; announced if it changed. */
export function illgrpRefreshMtu(illgrp: Illgrp): void {
  let mtu = 0;
  for (const ill of illgrp.ills) {
    // 0 means none seen yet, so a member whose MTU is 0 gives way to the next one. As in the kernel.
    if (mtu === 0 || ill.mtu < mtu) mtu = ill.mtu;
  }
  mtu = Math.max(mtu, MIN_MTU[illgrp.ipmpIll.family]);
  if (illgrp.mtu !== mtu) illgrpSetMtu(illgrp, mtu);
}
