/**
 * The times of a saved state on a clock that is earlier than it: of a machine that went back to a snapshot, or of a program that was moved
 * into a time namespace of its own. What is said to be still to come is as of now, so that no time that has passed is less than none.
 */

import type { SavedState } from "../../state/saved-state.ts";

export function untilNow(saved: SavedState, now: bigint): SavedState {
  const past = (time: bigint): bigint => (time > now ? now : time);
  return {
    ...saved,
    groups: saved.groups.map((group) => ({
      ...group,
      crtime: past(group.crtime),
      stateSince: past(group.stateSince),
      members: group.members.map((member) => ({
        ...member,
        crtime: past(member.crtime),
        joinedAt: past(member.joinedAt),
        reading: { ...member.reading, seenAt: past(member.reading.seenAt) },
      })),
    })),
  };
}
