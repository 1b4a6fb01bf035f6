/** Who has a test address to send probes from, and with it a timer and a look for targets (mpd_main.c, select_test_ifs). */

import { copyHosts, rescanRouters } from "./discovery.ts";
import type { Instance } from "./instance.ts";
import { stopProbing } from "./offline.ts";
import { changeState, forgetRoundTrips, type Phyint } from "./phyint.ts";
import { clearRing } from "./probe.ts";
import type { Prober } from "./prober.ts";
import { checkForRepair, isJudgedByLink } from "./repair.ts";
import { startTimer } from "./timer.ts";

export function selectProbeAddresses(prober: Prober): void {
  let wantsTargets = false;
  for (const instance of prober.instances) {
    const { phyint } = instance;
    if (phyint.has("OFFLINE")) goOffline(phyint);
    else if (phyint.state === "offline" || instance.isOn) continue;
    else if (!instance.known.test) forgetProbes(instance);
    else {
      switchOn(instance);
      wantsTargets ||= instance.targets.isEmpty;
    }
  }
  for (const phyint of prober.phyints) if (mayBeRepairedByLink(phyint)) checkForRepair(phyint);
  if (!wantsTargets) return;
  rescanRouters(prober);
  copyHosts(prober);
}

/** Another program took it out of use. */
function goOffline(phyint: Phyint): void {
  if (phyint.state === "offline") return;
  phyint.group.prober.tell({ kind: "foreign-offline", phyint });
  stopProbing(phyint);
}

function forgetProbes(instance: Instance): void {
  if (instance.ring.newest(1).status === "unused") return;
  clearRing(instance);
  forgetRoundTrips(instance.phyint);
}

/** Opens its socket. With targets from before, the interface works until they say otherwise. */
function switchOn(instance: Instance): void {
  const { phyint } = instance;
  instance.isOn = true;
  if (instance.targets.active > 0) {
    if (phyint.state === "notargets") changeState(phyint, "running");
  } else if (instance.other?.isCapable !== true && phyint.state === "running") {
    changeState(phyint, "notargets");
  }
  if (!instance.timerStarted) startTimer(instance);
}

function mayBeRepairedByLink(phyint: Phyint): boolean {
  if (phyint.state === "failed") return isJudgedByLink(phyint);
  return phyint.state === "notargets" && (!phyint.isProbed || (phyint.has("FAILED") && isJudgedByLink(phyint)));
}
