/** A shared fate of a group's members that is intended, and why. */

import { DOMAIN_KINDS } from "../../fate/failure-domain.ts";
import { object, optional, required } from "../keys.ts";
import { choice, sized } from "../value-schemas.ts";

const TEXT_MAX = 255;
const text = sized(`text of 1 to ${TEXT_MAX} bytes in one line`, TEXT_MAX, /^(?=.*\S)\P{Cc}+$/u);

export const acceptedFate = object({
  group: optional(text, {
    description: "Name of the group that is meant, configured or discovered.",
    origin: "every group",
  }),
  kind: required(
    choice(DOMAIN_KINDS),
    "Kind of what the members may share: the label `kind` of `ipmp_group_shared_fate`.",
  ),
  domain: optional(text, {
    description: "What they may share: the label `domain` of that metric.",
    origin: "anything of the kind",
  }),
  reason: required(text, "Why it is meant to be so. Shown where the warning would be."),
});
