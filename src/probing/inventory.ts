/**
 * Groups and interfaces come and go with what the system shows (mpd_tables.c, phyint_inst_update_from_k, phyint_inst_init_from_k,
 * phyint_inst_delete).
 */

import { FAMILIES, type Family } from "../ipmp/address.ts";
import { PHYI } from "../ipmp/flags.ts";
import { activateAnother, refreshStandby, transitionToRunning } from "./activity.ts";
import { deleteTargets } from "./discovery.ts";
import { ANONYMOUS, Group } from "./group.ts";
import { refreshGroup } from "./group-state.ts";
import { Instance, switchOff } from "./instance.ts";
import { changeHardwareAddress, offlineIfDuplicate, releaseTwin } from "./offline.ts";
import { changeFlags, changeState, Phyint } from "./phyint.ts";
import type { Prober } from "./prober.ts";
import type { System, SystemFamily, SystemInterface } from "./system.ts";

/** Flags that in the original show on a test address too, so that its socket is opened anew when they change. */
const ADDRESS_FLAGS = PHYI.STANDBY | PHYI.INACTIVE | PHYI.OFFLINE;
/** Flags that only a prober sets: on an interface that nobody probes they are left over. */
const PROBER_FLAGS = PHYI.FAILED | PHYI.INACTIVE | PHYI.OFFLINE;

/** Takes the flags that the system has now. */
export function takeFlags({ system, phyints }: Prober): void {
  const shown = interfacesOf(system);
  for (const phyint of phyints) phyint.flags = shown.get(phyint.name)?.flags ?? phyint.flags;
}

/** Takes the hardware addresses that the system has now. */
export function takeHardwareAddresses({ system, phyints }: Prober): void {
  const shown = interfacesOf(system);
  for (const phyint of phyints) {
    const entry = shown.get(phyint.name);
    if (entry !== undefined && entry.hardwareAddress !== phyint.hardwareAddress)
      changeHardwareAddress(phyint, entry.hardwareAddress);
  }
}

function interfacesOf(system: System): Map<string, SystemInterface> {
  const interfaces = new Map<string, SystemInterface>();
  for (const entry of system.entries()) if (entry.kind === "interface") interfaces.set(entry.name, entry);
  return interfaces;
}

/** Takes in what is new, and what has changed about what is known. */
export function takeEntries(prober: Prober): void {
  for (const entry of prober.system.entries()) {
    if (entry.kind === "group") takeGroup(prober, entry.name);
    else for (const family of FAMILIES) takeFamily(prober, entry, family);
  }
}

/** The group of that name, made if need be. */
export function takeGroup(prober: Prober, name: string): Group {
  const known = prober.group(name);
  if (known !== undefined) return known;
  const group = new Group(name, prober);
  prober.groups.unshift(group);
  prober.listSignature++;
  prober.tell({ kind: "group-added", group, listSignature: prober.listSignature });
  return group;
}

function takeFamily(prober: Prober, entry: SystemInterface, family: Family): void {
  const shown = entry[family];
  if (shown === undefined) return;
  const known = prober.instance(entry.name, family);
  if (known !== undefined && known.phyint.group.name === entry.group) {
    agreeOnFailed(known.phyint);
    takeAddresses(known, shown);
    return;
  }
  if (known !== undefined) {
    if (known.other !== undefined) deleteInstance(known.other);
    deleteInstance(known);
  }
  if (entry.group === ANONYMOUS && !prober.settings.trackAll) {
    const flags = entry.flags & ~PROBER_FLAGS;
    if (flags !== entry.flags) prober.setFlags(entry.name, flags);
  } else {
    takeAddresses(makeInstance(prober, entry, family), shown);
  }
}

/** FAILED is this machine's to say: what another program did to it is undone. */
function agreeOnFailed(phyint: Phyint): void {
  const isFailed = phyint.has("FAILED");
  if (isFailed && phyint.state === "running") changeFlags(phyint, 0, PHYI.FAILED);
  if (!isFailed && phyint.state === "failed") changeFlags(phyint, PHYI.FAILED, PHYI.INACTIVE);
}

/** A test address that is gone counts until the families that are gone are forgotten. */
function takeAddresses(instance: Instance, shown: SystemFamily): void {
  const { phyint, known, isOn, prober } = instance;
  const flags = phyint.flags & ADDRESS_FLAGS;
  const isAnother = shown.testAddress && isOn && flags !== known.flags;
  if (isAnother && !prober.deviations.keepsSockets) switchOff(instance);
  instance.known = { dataUp: shown.up, test: known.test || shown.testAddress, flags };
}

function makeInstance(prober: Prober, entry: SystemInterface, family: Family): Instance {
  const known = prober.phyint(entry.name);
  const phyint = known ?? makePhyint(prober, entry);
  const instance = new Instance(phyint, family);
  phyint[family] = instance;
  prober.instances.unshift(instance);
  if (known === undefined) begin(phyint);
  return instance;
}

function makePhyint(prober: Prober, entry: SystemInterface): Phyint {
  const group = takeGroup(prober, entry.group);
  const phyint = new Phyint(group, entry);
  prober.addPhyint(phyint);
  group.members.unshift(phyint);
  refreshGroup(group);
  group.signature++;
  prober.tell({ kind: "member-added", phyint });
  return phyint;
}

/** Its first state. */
function begin(phyint: Phyint): void {
  if (phyint.has("OFFLINE")) {
    changeState(phyint, "offline");
  } else if (phyint.has("FAILED") && phyint.group.prober.deviations.keepsFailedAtStart) {
    changeFlags(phyint, 0, PHYI.INACTIVE);
    changeState(phyint, "failed");
  } else {
    transitionToRunning(phyint);
  }
  if (phyint.has("STANDBY")) refreshStandby(phyint);
  offlineIfDuplicate(phyint);
}

/** Forgets families that are no longer plumbed, and stops to probe from test addresses that are gone. */
export function forgetFamilies(prober: Prober): void {
  const shown = interfacesOf(prober.system);
  for (const instance of [...prober.instances]) {
    const family = shown.get(instance.phyint.name)?.[instance.family];
    if (family === undefined) {
      prober.tell({ kind: "family-removed", instance });
      deleteInstance(instance);
    } else if (!family.testAddress) {
      switchOff(instance);
      instance.known = { ...instance.known, test: false };
    }
  }
}

function deleteInstance(instance: Instance): void {
  const { phyint, family, prober } = instance;
  deleteTargets(instance);
  switchOff(instance);
  remove(prober.instances, instance);
  phyint[family] = undefined;
  if (phyint.instances.length === 0) deletePhyint(phyint);
}

function deletePhyint(phyint: Phyint): void {
  const { group } = phyint;
  group.signature++;
  group.prober.tell({ kind: "member-removed", phyint });
  remove(group.members, phyint);
  refreshGroup(group);
  group.prober.removePhyint(phyint);
  if (group.isAnonymous) return;
  releaseTwin(phyint);
  const wasActiveStandby = phyint.has("STANDBY") && !phyint.has("INACTIVE");
  if (wasActiveStandby || !group.members.some(({ isActive }) => isActive)) activateAnother(phyint);
}

function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}

/** Forgets groups that the system no longer has, and looks at the others again. */
export function forgetGroups(prober: Prober): void {
  const shown = new Set<string>();
  for (const entry of prober.system.entries()) if (entry.kind === "group") shown.add(entry.name);
  for (const group of [...prober.groups]) {
    if (group.isAnonymous) continue;
    if (shown.has(group.name)) {
      refreshGroup(group);
    } else {
      remove(prober.groups, group);
      prober.listSignature++;
      prober.tell({ kind: "group-removed", group, listSignature: prober.listSignature });
    }
  }
}
