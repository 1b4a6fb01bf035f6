/** How well a group is: by how many of its members can carry data (mpd_tables.c, phyint_group_refresh_state). */

import { deleteTargets } from "./discovery.ts";
import type { Group, GroupState } from "./group.ts";

/** Looks at the members again; tells and logs what has changed. */
export function refreshGroup(group: Group): void {
  if (group.isAnonymous) return;
  const { prober } = group;
  const before = group.state;
  const state = stateOf(group);
  if (state !== before) {
    group.state = state;
    if (group.hasFailed) forgetHosts(group);
    group.signature++;
    prober.tell({ kind: "group-state", group });
  }
  if (group.hasFailed) {
    if (before === "failed") return;
    prober.tell({ kind: "group-unusable", group });
    group.saidUnusable = true;
  } else if (group.saidUnusable) {
    const phyint = group.members.findLast(({ isUsable }) => isUsable);
    if (phyint !== undefined) prober.tell({ kind: "group-usable", group, phyint });
    group.saidUnusable = false;
  }
}

function stateOf({ members }: Group): GroupState {
  const usable = members.filter(({ isUsable }) => isUsable).length;
  if (usable === 0) return "failed";
  return usable === members.length ? "ok" : "degraded";
}

/** Hosts that answer nobody may have gone, so others are looked for. Routers stay: the routing table knows them. */
function forgetHosts({ members }: Group): void {
  for (const { instances } of members) {
    for (const instance of instances) if (!instance.targets.ofRouters) deleteTargets(instance);
  }
}
