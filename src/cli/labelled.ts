/** How commands for people name a member: so that links of one name, of two devices, stay two. */

import { linkLabel } from "../link/link-id.ts";

/** The member as the API has it, with the name of its source before that of a link of another system: `sw1:Ethernet1/49`. */
export function labelled<M extends { readonly source: string; readonly device: string }>(member: M): Omit<M, "source"> {
  const { source, ...others } = member;
  return { ...others, device: linkLabel(source, member.device) };
}
