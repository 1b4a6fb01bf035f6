/** Brings a member to the state that it ought to have, active or not, after something changed. An activation that fails is tried again after 120 s. */

import { illActivate, illDeactivate } from "./activation.ts";
import { type Ill, illIsActive } from "./ill.ts";
import type { Phyint } from "./phyint.ts";
import { underIpmp } from "./under-ipmp.ts";

/** Seconds until an activation without memory is tried again (ipmp.c, ipmp_ill_refresh_active_timer_start). */
export const REFRESH_RETRY_SECONDS = 120;

/** ipmp_ill_try_refresh_active: activates or deactivates as illIsActive says; false only when activation failed. */
export function illTryRefreshActive(ill: Ill): boolean {
  const isActive = underIpmp(ill).illgrp.actif.includes(ill);
  const shouldBeActive = illIsActive(ill);
  if (shouldBeActive && !isActive) return illActivate(ill);
  if (!shouldBeActive && isActive) illDeactivate(ill);
  return true;
}

/** ipmp_ill_refresh_active. */
export function illRefreshActive(ill: Ill): void {
  if (!illTryRefreshActive(ill)) illRefreshActiveTimerStart(ill);
}

/** ipmp_ill_refresh_active_timer: the retry timer has expired. Whoever implements the timer (see Effects) calls it. */
export function illRefreshActiveTimer(ill: Ill): void {
  const { effects } = ill.stack;
  ill.refreshTid = 0;
  if (ill.condemned) return;
  const entered = effects.succeeds("ipsq_try_enter");
  effects.ipsqTryEnter(ill, entered);
  let refreshed = false;
  if (entered) {
    refreshed = illTryRefreshActive(ill);
    effects.ipsqExit(ill.phyint);
  }
  if (!refreshed) illRefreshActiveTimerStart(ill);
}

/** ipmp_ill_refresh_active_timer_start: nothing for a condemned ill, or when it believes that a retry is armed already. */
export function illRefreshActiveTimerStart(ill: Ill): void {
  if (ill.refreshTid !== 0 || ill.condemned) return;
  ill.refreshTid = ill.stack.effects.timeout(ill, REFRESH_RETRY_SECONDS);
}

/** ipmp_phyint_refresh_active: FAILED, INACTIVE or OFFLINE of the interface changed. */
export function phyintRefreshActive(phyint: Phyint): void {
  if (phyint.v4 !== undefined) illRefreshActive(phyint.v4);
  if (phyint.v6 !== undefined) illRefreshActive(phyint.v6);
}
