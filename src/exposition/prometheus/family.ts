/** What a metric family is to the tables: its head, and how its samples are taken from the rows of one snapshot. */

import type { GroupSnapshot, MemberSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import type { Labels, RowLabels } from "./row-labels.ts";
import { type ClosingLabels, type FamilyHead, type TextWriter, type Words, words } from "./text-format.ts";

export interface Family extends FamilyHead {
  readonly samples: (rows: Rows, writer: TextWriter) => void;
}

/** A snapshot with the label set of each row made once, since every family repeats it. */
export interface Rows {
  readonly snapshot: Snapshot;
  readonly groups: readonly GroupRow[];
  /** All members of all groups. */
  readonly members: readonly MemberRow[];
  readonly labels: RowLabels;
}

export interface GroupRow extends Labels {
  readonly group: GroupSnapshot;
  readonly total: Words;
}

export interface MemberRow extends Labels {
  readonly member: MemberSnapshot;
  /** Labels of its info metric beyond its own. */
  readonly info: ClosingLabels;
  readonly share: Words;
}

export function rowsOf(snapshot: Snapshot, labels: RowLabels): Rows {
  const groups: GroupRow[] = [];
  const members: MemberRow[] = [];
  for (const group of snapshot.groups) {
    const { open, whole } = labels.group(group);
    groups.push({ group, open, whole, total: words(group.total) });
    for (const member of group.members) {
      const own = labels.member(group, member);
      const info = labels.memberInfo(group, member);
      members.push({ member, open: own.open, whole: own.whole, info, share: words(member.share) });
    }
  }
  return { snapshot, groups, members, labels };
}
