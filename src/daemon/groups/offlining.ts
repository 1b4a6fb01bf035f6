/** Members that are taken out of service by hand, and back, as if_mpadm(8) -d and -r do. */

import { namesOf } from "../../link/link-attributes.ts";
import { linkLabel } from "../../link/link-id.ts";
import type { Membership } from "./membership.ts";

/** Refused: no other member of the group is usable. System: the group is the system's own, which is only watched. */
export type Offlining = "done" | "refused" | "unknown" | "system";

/** `device` is the member's label, with any of its names. Its group is to be judged afterwards. */
export function setOffline({ groups, dirty }: Membership, device: string, offline: boolean): Offlining {
  for (const group of groups.values()) {
    const members = [...group.members.values()];
    const member = members.find(({ link: { id, attributes } }) =>
      namesOf(attributes).some((name) => linkLabel(id.source, name) === device),
    );
    if (!member) continue;
    if (group.system) return "system";
    const hasOther = members.some((other) => other !== member && other.isUsable);
    if (offline && !hasOther && group.states.now !== "failed") return "refused";
    member.offlined = offline;
    dirty.add(group);
    return "done";
  }
  return "unknown";
}
