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
  for (const phyint of prober.phyints) judgeByLink(phyint);
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

/** Opens its socket and starts its timer. With targets from before, there is somebody to probe at once. */
function switchOn(instance: Instance): void {
  const { phyint, prober } = instance;
  instance.isOn = true;
  if (instance.targets.active > 0) {
    const hasFailed = phyint.has("FAILED") && prober.deviations.staysFailedUntilAnswered;
    if (phyint.state === "notargets") changeState(phyint, hasFailed ? "failed" : "running");
  } else if (instance.other?.isCapable !== true && phyint.state === "running") {
    changeState(phyint, "notargets");
  }
  startTimer(instance);
}

/** Where nobody can be probed, the link alone decides. */
function judgeByLink(phyint: Phyint): void {
  if (phyint.state === "notargets" && !phyint.has("FAILED")) {
    if (phyint.isProbed) return;
    if (phyint.group.prober.deviations.keepsPlaceUnprobed) changeState(phyint, "running");
    else checkForRepair(phyint);
  } else if ((phyint.state === "notargets" || phyint.state === "failed") && isJudgedByLink(phyint)) {
    checkForRepair(phyint);
  }
}
