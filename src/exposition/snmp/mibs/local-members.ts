/** Which members have rows: those of this host. */

import { LOCAL } from "../../../link/link-id.ts";
import type { GroupSnapshot, MemberSnapshot } from "../../../snapshot/snapshot.ts";

/** Members whose links are this host's own: rows go by ifIndex, and another system may have the same numbers. */
export function localMembers({ members }: GroupSnapshot): readonly MemberSnapshot[] {
  return members.filter(({ link }) => link.id.source === LOCAL);
}
