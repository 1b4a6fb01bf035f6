/** What has rows: the members and links of this host. Rows go by ifIndex, and another system may have the same numbers. */

import { LOCAL } from "../../../link/link-id.ts";
import type { GroupSnapshot, LinkSnapshot, MemberSnapshot, Snapshot } from "../../../snapshot/snapshot.ts";

export function localMembers({ members }: GroupSnapshot): readonly MemberSnapshot[] {
  return members.filter(({ link }) => link.id.source === LOCAL);
}

export function localLinks({ links }: Snapshot): readonly LinkSnapshot[] {
  return links.filter(({ id }) => id.source === LOCAL);
}
