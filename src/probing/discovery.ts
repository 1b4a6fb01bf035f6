/** How targets come and go: routers from the routing table, hosts that answer a multicast probe (mpd_tables.c, target_add, target_delete). */

import type { IpAddress } from "../ipmp/address.ts";
import type { Instance } from "./instance.ts";
import { changeState, type Phyint } from "./phyint.ts";
import { clearRing, loseTarget } from "./probe.ts";
import type { Prober } from "./prober.ts";
import type { Target } from "./target.ts";
import { ACTIVE_MAX } from "./target-list.ts";

type TargetKind = "router" | "host";

/** A target was found. It is added unless the list has it, or something better. */
function addTarget(instance: Instance, address: IpAddress, kind: TargetKind): void {
  const { targets } = instance;
  const known = targets.find(address);
  if (known === undefined || (kind === "router" && !targets.ofRouters)) createTarget(instance, address, kind);
  else if (kind === "router") known.seen = true;
}

/** Adds a target without a look for equal ones. A first router drives out all hosts; where routers are, no host is wanted. */
function createTarget(instance: Instance, address: IpAddress, kind: TargetKind): void {
  const { phyint, targets } = instance;
  if (!instance.isOn) return;
  if (!targets.isEmpty) {
    if (kind === "host" && (targets.ofRouters || targets.active === ACTIVE_MAX)) return;
    if (kind === "router" && !targets.ofRouters) deleteTargets(instance);
  }
  if (targets.isEmpty) targets.ofRouters = kind === "router";
  targets.insert(address);
  phyint.hadTargetSinceLinkUp = true;
  if (phyint.state === "notargets" && phyint.isCapable)
    changeState(phyint, phyint.has("FAILED") ? "failed" : "running");
}

export function deleteTargets(instance: Instance): void {
  for (const target of [...instance.targets.targets]) deleteTarget(instance, target);
}

/** target_delete: without any target, nothing can be said about the link but what its link state says. */
export function deleteTarget(instance: Instance, target: Target): void {
  const { phyint, prober, ring, targets } = instance;
  for (const probe of ring.slots) if (probe.target === target) loseTarget(instance, probe);
  targets.remove(target);
  if (targets.active === 0 && targets.ofRouters) targets.reactivate(prober.now);
  if (targets.active > 0) return;
  targets.ofRouters = false;
  clearRing(instance);
  if (instance.other?.isCapable !== true && phyint.linkUp && phyint.state !== "offline")
    changeState(phyint, "notargets");
}

const NONE: ReadonlySet<IpAddress> = new Set();

/**
 * init_router_targets: the lists of routers follow the routing table. A group that has failed keeps those that it has, because its routes may have
 * gone with it; `withdrawn` are targets that the configuration had and has no more, which nobody keeps.
 */
export function rescanRouters(prober: Prober, withdrawn = NONE): void {
  const { system, instances } = prober;
  for (const { targets } of instances) {
    if (targets.ofRouters) for (const target of targets.targets) target.seen = false;
  }
  for (const router of system.routers()) {
    const finder = prober.instance(router.interface, router.family);
    if (finder !== undefined) shareTarget(finder, router.address, "router");
  }
  for (const instance of instances) {
    if (!instance.targets.ofRouters) continue;
    const { group } = instance.phyint;
    for (const target of [...instance.targets.targets]) {
      const isWithdrawn = withdrawn.has(target.address);
      if (target.seen || (group.hasFailed && !isWithdrawn)) continue;
      deleteTarget(instance, target);
      if (isWithdrawn) forgetLosses(instance.phyint);
    }
  }
}

/** With the last of its targets the administrator takes back what they were to show: as after a start, the link alone decides while there is none. */
function forgetLosses(phyint: Phyint): void {
  if (phyint.instances.every(({ targets }) => targets.isEmpty)) phyint.hadTargetSinceLinkUp = false;
}

/** What one member finds, all members of its group may probe, if it is in their subnet too. */
export function shareTarget(finder: Instance, address: IpAddress, kind: TargetKind): void {
  const { phyint, family, prober } = finder;
  const { group } = phyint;
  const sharing = group.isAnonymous ? [phyint] : group.members;
  for (const member of sharing) {
    const instance = member[family];
    if (instance === undefined) continue;
    if (member === phyint || prober.system.reaches(member.name, family, address)) addTarget(instance, address, kind);
  }
}

/** dup_host_targets: who has no target begins with the hosts of other members; a host that two of them know is listed twice. */
export function copyHosts(prober: Prober): void {
  for (const instance of prober.instances) {
    const { phyint, family, targets } = instance;
    const { members, isAnonymous } = phyint.group;
    if (isAnonymous || !targets.isEmpty) continue;
    const from = prober.deviations.copiesAllHosts ? 0 : members.indexOf(phyint);
    for (const member of members.slice(from)) {
      const source = member[family];
      if (source === undefined || source === instance || source.targets.ofRouters) continue;
      for (const { address } of source.targets.targets) {
        if (prober.system.reaches(phyint.name, family, address)) createTarget(instance, address, "host");
      }
    }
  }
}
