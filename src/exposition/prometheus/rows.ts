/** The rows of one snapshot that families take their samples from: groups, their members, and the exporter itself. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { GroupSnapshot, MemberSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import type { LabelSet } from "./label-set.ts";
import type { RowLabels } from "./row-labels.ts";
import { type Words, words } from "./words.ts";

export interface Rows {
  readonly snapshot: Snapshot;
  readonly groups: readonly GroupRow[];
  /** All members of all groups. */
  readonly members: readonly MemberRow[];
  /** Those of them that are probed. */
  readonly probed: readonly MemberRow[];
  readonly labels: RowLabels;
  /** Collectors that are left out because there was no time for them. */
  readonly late: readonly string[];
}

export interface GroupRow {
  readonly group: GroupSnapshot;
  readonly labels: LabelSet;
  /** When the counters of the group began. */
  readonly start: Hrtime;
  readonly total: Words;
}

export interface MemberRow {
  readonly group: GroupRow;
  readonly member: MemberSnapshot;
  readonly labels: LabelSet;
  /** When its share began: its join. What the group counts of it, such as failures, began with the group. */
  readonly start: Hrtime;
  /** Labels of its info metric beyond its own. */
  readonly info: LabelSet;
  readonly share: Words;
}

/** Each group is a step. */
export function* rowsOf(snapshot: Snapshot, labels: RowLabels, late: readonly string[] = []): Generator<void, Rows> {
  const groups: GroupRow[] = [];
  const members: MemberRow[] = [];
  const probed: MemberRow[] = [];
  for (const group of snapshot.groups) {
    const row = { group, labels: labels.group(group), start: group.crtime, total: words(group.total) };
    if (!group.isPart) groups.push(row);
    for (const member of group.members) {
      const own = labels.member(group, member);
      const memberRow: MemberRow = {
        group: row,
        member,
        labels: own.labels,
        start: member.joinedAt,
        info: own.info,
        share: words(member.share),
      };
      members.push(memberRow);
      if (member.probes !== undefined) probed.push(memberRow);
    }
    yield;
  }
  return { snapshot, groups, members, probed, labels, late };
}

/** When a counter began that is not saved over a restart, of a row that began at `start`. */
export function inThisProcess(start: Hrtime, { startedAt }: Snapshot): Hrtime {
  return start > startedAt ? start : startedAt;
}
