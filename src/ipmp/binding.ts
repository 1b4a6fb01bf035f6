/** Which member receives for which address: the group's up data addresses, bound to active members in even shares. */

import { illgrpDestroyArpent, illgrpLookupArpent } from "./arpent.ts";
import type { ResolverAction } from "./effects.ts";
import { type Ill, illCheckAndRefhold } from "./ill.ts";
import type { Illgrp } from "./illgrp.ts";
import type { Ipif } from "./ipif.ts";
import { precondition } from "./panic.ts";

/** ipmp_illgrp_min_ill: the active member with the fewest addresses, the longest active on a tie. */
export function illgrpMinIll(illgrp: Illgrp): Ill | undefined {
  let min: Ill | undefined;
  for (const ill of illgrp.actif) {
    if (min === undefined || ill.boundCnt < min.boundCnt) min = ill;
    if (min.boundCnt === 0) break;
  }
  return min;
}

/** ipmp_illgrp_max_ill: the active member with the most addresses, the longest active on a tie. */
export function illgrpMaxIll(illgrp: Illgrp): Ill | undefined {
  let max: Ill | undefined;
  for (const ill of illgrp.actif) {
    if (max === undefined || ill.boundCnt > max.boundCnt) max = ill;
  }
  return max;
}

/**
 * ipmp_ill_bind_ipif: the address is the member's from now on. If the resolver refuses, it stays on the member's list and in its count with
 * `bound` false, and nothing tries again.
 */
export function illBindIpif(ill: Ill, ipif: Ipif, action: ResolverAction): void {
  precondition(ipif.boundIll === undefined, `"${ipif.id}" is not bound to another ill`);
  const { effects } = ill.stack;
  ill.boundIpifs.unshift(ipif);
  ipif.boundIll = ill;
  if (action === "none") {
    ipif.bound = true;
  } else if (ill.family === "v4") {
    ipif.bound = effects.succeeds("ipif_resolver_up");
    effects.ipifResolverUp(ipif, ill, action, ipif.bound);
  } else {
    effects.ipifResolverUp(ipif, ill, action, true);
    ipif.bound = effects.succeeds("ipif_ndp_up");
    effects.ipifNdpUp(ipif, ill, action === "initial", ipif.bound);
  }
  effects.ipifBound(ipif, ill, action);
}

/** ipmp_ill_unbind_ipif: `ipif`, or the newest bound one without it; undefined when there is none. `notify` tells the resolver. */
export function illUnbindIpif(ill: Ill, ipif: Ipif | undefined, notify: boolean): Ipif | undefined {
  const { effects } = ill.stack;
  const unbound = ipif ?? ill.boundIpifs[0];
  if (unbound === undefined) return undefined;
  precondition(unbound.boundIll === ill, `"${unbound.id}" is bound to "${ill.name}"`);
  ill.boundIpifs.splice(ill.boundIpifs.indexOf(unbound), 1);
  unbound.boundIll = undefined;
  if (notify && unbound.bound) {
    if (ill.family === "v4") effects.ipifArpDown(unbound);
    else effects.ipifNdpDown(unbound);
  }
  unbound.bound = false;
  effects.ipifUnbound(unbound, ill);
  return unbound;
}

/** Moves the newest address of `from` to `to`, telling the resolver. */
export function moveNewest(from: Ill, to: Ill): void {
  const moved = illUnbindIpif(from, undefined, true);
  if (moved !== undefined) illBindIpif(to, moved, "rebind");
}

/**
 * ipmp_illgrp_add_ipif: a data address comes up. The caller is bringing it up itself, so the resolver is not told here. The member it was bound
 * to; undefined when none is active.
 */
export function illgrpAddIpif(illgrp: Illgrp, ipif: Ipif): Ill | undefined {
  if (illgrp.ipmpIll.family === "v4") {
    const arpent = illgrpLookupArpent(illgrp, ipif.addr);
    if (arpent !== undefined) illgrpDestroyArpent(illgrp, arpent);
  }
  const ill = illgrpMinIll(illgrp);
  if (ill !== undefined) illBindIpif(ill, ipif, "none");
  return ipif.bound ? ill : undefined;
}

/** ipmp_illgrp_del_ipif: a data address goes down. Its member gets another one from the member with the most, if that has at least two more. */
export function illgrpDelIpif(illgrp: Illgrp, ipif: Ipif): void {
  const ill = ipif.boundIll;
  if (ill === undefined) return;
  illUnbindIpif(ill, ipif, false);
  const max = illgrpMaxIll(illgrp);
  if (max !== undefined && max.boundCnt > ill.boundCnt + 1) moveNewest(max, ill);
}

/** ipmp_ipif_bound_ill: the member that the address is assigned to. */
export function ipifBoundIll(ipif: Ipif): Ill | undefined {
  return ipif.boundIll;
}

/** ipmp_ipif_hold_bound_ill: the same, unless condemned. */
export function ipifHoldBoundIll(ipif: Ipif): Ill | undefined {
  const ill = ipif.boundIll;
  return ill !== undefined && illCheckAndRefhold(ill) ? ill : undefined;
}
