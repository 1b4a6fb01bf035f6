/** Links that go down and come up (mpd_main.c, process_link_state_changes): a lost link is a failure at once. */

import { checkForFailure } from "./failure.ts";
import type { Phyint } from "./phyint.ts";
import { clearRing } from "./probe.ts";
import type { Prober } from "./prober.ts";
import { checkForRepair } from "./repair.ts";
import { startTimer } from "./timer.ts";

/** Compares each link with what it was at the last look. */
export function noticeLinks(prober: Prober): void {
  for (const phyint of prober.phyints) {
    const isUp = phyint.has("RUNNING");
    if (isUp === phyint.linkUp) continue;
    phyint.linkUp = isUp;
    if (isUp) noticeUp(phyint);
    else noticeDown(phyint);
  }
}

function noticeDown(phyint: Phyint): void {
  const { group, instances, state } = phyint;
  group.prober.tell({ kind: "link-down", phyint });
  for (const instance of instances) if (instance.isCapable) clearRing(instance);
  const [instance] = instances;
  if (instance === undefined) return;
  if (state === "running" || (state !== "failed" && !group.hasFailed)) checkForFailure(instance);
}

function noticeUp(phyint: Phyint): void {
  const { prober } = phyint.group;
  prober.tell({ kind: "link-up", phyint });
  phyint.hadTargetSinceLinkUp = false;
  for (const instance of phyint.instances) if (instance.isOn) startTimer(instance);
  checkForRepair(phyint);
  const [, newer] = phyint.linkUps;
  phyint.linkUps = [newer, prober.nowMs]; // after the question whether there are too many: so the third within a minute is the first to wait
}
