/** Samples of which there is at most one for each group, or for each member. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../snapshot/snapshot.ts";
import type { Family } from "./family.ts";
import { NO_LABELS } from "./label-set.ts";
import type { GroupRow, MemberRow, Rows } from "./rows.ts";

/** Undefined is no sample. */
type Whole = number | bigint | boolean | undefined;

/** One number for each group. `since`: when a counter began. */
export function perGroup(
  value: (group: GroupSnapshot) => Whole,
  since?: (row: GroupRow, rows: Rows) => Hrtime,
): Family["samples"] {
  return (rows, writer) => {
    for (const row of rows.groups) {
      const said = value(row.group);
      if (said !== undefined) writer.integer(row.labels, NO_LABELS, said, since?.(row, rows));
    }
  };
}

/** One number for each member. `since`: when a counter began. */
export function perMember(
  value: (member: MemberSnapshot) => Whole,
  since?: (row: MemberRow) => Hrtime,
): Family["samples"] {
  return ({ members }, writer) => {
    for (const row of members) {
      const said = value(row.member);
      if (said !== undefined) writer.integer(row.labels, NO_LABELS, said, since?.(row));
    }
  };
}

/** A time in seconds for each group. */
export function secondsPerGroup(milliseconds: (group: GroupSnapshot) => number | undefined): Family["samples"] {
  return ({ groups }, writer) => {
    for (const { group, labels } of groups) {
      const ms = milliseconds(group);
      if (ms !== undefined) writer.decimal(labels, NO_LABELS, String(ms / 1000));
    }
  };
}
