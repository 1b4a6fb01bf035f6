/** What of a snapshot concerns one device: for whoever scrapes each device by itself. */

import { sourceOfLabel } from "../link/link-id.ts";
import type { GroupSnapshot, Snapshot } from "../snapshot/snapshot.ts";

/** The devices of a snapshot: sources that are asked over SNMP. */
export function devicesOf({ sources }: Pick<Snapshot, "sources">): Snapshot["sources"] {
  return sources.filter(({ kind }) => kind === "snmp");
}

/** Its groups whole, its members of groups that are of other systems too, and how it answers. Nothing of the exporter itself. */
export function deviceSnapshot(snapshot: Snapshot, device: string): Snapshot {
  const { groups, links, sources, collectors, resets } = snapshot;
  return {
    ...snapshot,
    groups: groups.flatMap((group) => partOf(group, device)),
    links: links.filter(({ id }) => id.source === device),
    sources: sources.filter(({ name }) => name === device),
    collectors: collectors.filter(({ name }) => name === device),
    resets: resets.filter((reset) => sourceOfLabel(reset.device) === device),
    engine: undefined,
    state: undefined,
    snmp: undefined,
    audit: undefined,
  };
}

function partOf(group: GroupSnapshot, device: string): GroupSnapshot[] {
  const members = group.members.filter(({ link }) => link.id.source === device);
  if (members.length === group.members.length && group.missing.every((label) => sourceOfLabel(label) === device))
    return members.length > 0 || group.missing.length > 0 ? [group] : [];
  return members.length === 0 ? [] : [{ ...group, members, kstat: undefined, isPart: true }];
}
