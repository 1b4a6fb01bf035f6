/**
 * Interfaces out of use: taken offline and put back by an administrator (if_mpadm -d and -r), or offline while an older member has the same
 * hardware address (mpd_tables.c, phyint_offline, phyint_undo_offline, phyint_link_notify).
 */

import type { LinkLayerAddress } from "../ipmp/address.ts";
import { PHYI } from "../ipmp/flags.ts";
import { activateAnother, transitionToRunning } from "./activity.ts";
import { onlineTwinOf, twinOf } from "./hardware-address.ts";
import { switchOff } from "./instance.ts";
import { changeFlags, changeState, type Phyint } from "./phyint.ts";

/** libipmp's IPMP_SUCCESS; IPMP_EMINRED: too few others would be left; IPMP_FAILURE: it is not offline; IPMP_EHWADDRDUP. */
export type AdminResult = "ok" | "minimum-redundancy" | "failure" | "duplicate-address";

/** Takes an interface out of use, if at least so many others can take its place. */
export function takeOffline(phyint: Phyint, minimumRedundancy: number): AdminResult {
  const { group, others } = phyint;
  const left = others.filter((other) => other.isUsable || (group.hasFailed && other.state !== "offline"));
  if ((group.isAnonymous ? 0 : left.length) < minimumRedundancy) return "minimum-redundancy";
  const wasActive = !phyint.has("INACTIVE");
  changeFlags(phyint, PHYI.OFFLINE, PHYI.INACTIVE);
  stopProbing(phyint);
  releaseTwin(phyint);
  if (wasActive) activateAnother(phyint);
  return "ok";
}

/** Puts it back into use. Whether it works is known from its flag: what happened meanwhile has set or cleared it. */
export function bringOnline(phyint: Phyint): AdminResult {
  if (phyint.state !== "offline") return "failure";
  if (onlineTwinOf(phyint) !== undefined) {
    phyint.isDuplicate = true;
    return "duplicate-address";
  }
  if (phyint.isDuplicate) {
    phyint.isDuplicate = false;
    phyint.group.prober.tell({ kind: "address-unique", phyint });
  }
  changeFlags(phyint, 0, PHYI.OFFLINE);
  if (!phyint.linkUp && phyint.group.prober.deviations.failsWithoutLink)
    changeFlags(phyint, PHYI.FAILED, PHYI.INACTIVE);
  if (phyint.has("FAILED")) changeState(phyint, "failed");
  else transitionToRunning(phyint);
  return "ok";
}

/** An interface out of use sends no probes. */
export function stopProbing(phyint: Phyint): void {
  for (const instance of phyint.instances) switchOff(instance);
  changeState(phyint, "offline");
}

/** A newcomer has to be told apart from those that are there. It may have been offline for that already when the program began. */
export function offlineIfDuplicate(phyint: Phyint): void {
  if (onlineTwinOf(phyint) !== undefined) offlineAsDuplicate(phyint);
}

/** Out of use, however few are left. */
function offlineAsDuplicate(phyint: Phyint): void {
  phyint.isDuplicate = true;
  phyint.group.prober.tell({ kind: "address-duplicate", phyint });
  if (phyint.state !== "offline") takeOffline(phyint, 0);
}

/** A member that waited for the hardware address of one that goes comes into use. */
export function releaseTwin(phyint: Phyint): void {
  if (phyint.isDuplicate) return;
  const twin = twinOf(phyint);
  if (twin?.isDuplicate === true) bringOnline(twin);
}

/** The hardware address of a member is another now. */
export function changeHardwareAddress(phyint: Phyint, address: LinkLayerAddress | undefined): void {
  const oldTwin = twinOf(phyint);
  phyint.hardwareAddress = address;
  const newTwin = twinOf(phyint);
  if (phyint.isDuplicate && newTwin === undefined) bringOnline(phyint);
  if (oldTwin?.isDuplicate === true) bringOnline(oldTwin);
  if (newTwin !== undefined && phyint.state !== "offline") offlineAsDuplicate(phyint);
}
