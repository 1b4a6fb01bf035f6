/**
 * The look at the whole system: every 20 s, and whenever the system says that something changed (mpd_main.c, initifs). What has come is taken
 * in, what has gone is forgotten, and then everybody is asked anew whether it has somebody to probe and a link.
 */

import { forgetFamilies, forgetGroups, takeEntries, takeFlags, takeHardwareAddresses } from "./inventory.ts";
import { noticeLinks } from "./link-state.ts";
import { selectProbeAddresses } from "./probe-addresses.ts";
import type { Prober } from "./prober.ts";

/** IF_SCAN_INTERVAL. */
export const SCAN_INTERVAL_MS = 20_000;

export function scan(prober: Prober): void {
  prober.lastScan = prober.nowMs;
  takeFlags(prober);
  takeEntries(prober);
  forgetFamilies(prober);
  forgetGroups(prober);
  takeHardwareAddresses(prober);
  selectProbeAddresses(prober);
  noticeLinks(prober);
}
