/** What a metric family is to the tables: its head, and how its samples are taken from the rows of one snapshot. */

import type { GroupSnapshot, MemberSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { type FamilyHead, type OpenLabels, openLabels, type TextWriter, type Words, words } from "./text-format.ts";

export interface Family extends FamilyHead {
  readonly samples: (rows: Rows, writer: TextWriter) => void;
}

/** A snapshot with the label set of each row made once, since every family repeats it. */
export interface Rows {
  readonly snapshot: Snapshot;
  readonly groups: readonly GroupRow[];
  /** All members of all groups. */
  readonly members: readonly MemberRow[];
}

export interface GroupRow {
  readonly group: GroupSnapshot;
  readonly labels: OpenLabels;
  readonly total: Words;
}

export interface MemberRow {
  readonly member: MemberSnapshot;
  readonly labels: OpenLabels;
  readonly share: Words;
}

export function rowsOf(snapshot: Snapshot): Rows {
  const groups: GroupRow[] = [];
  const members: MemberRow[] = [];
  for (const group of snapshot.groups) {
    groups.push({ group, labels: openLabels({ group: group.name }), total: words(group.total) });
    for (const member of group.members) {
      const labels = openLabels({ group: group.name, device: member.device });
      members.push({ member, labels, share: words(member.share) });
    }
  }
  return { snapshot, groups, members };
}
