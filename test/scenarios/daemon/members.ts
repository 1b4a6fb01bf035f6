import type { MemberSnapshot } from "#src/snapshot/snapshot.js";
import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** Each member of each group: state, flags, why it is not active, and its share. */
export const members: Verb<DaemonStage> = (stage) =>
  stage.snapshot().groups.flatMap((group) => group.members.map(describe));

function describe({ device, state, active, flags, reason, boundAddresses }: MemberSnapshot): string {
  const parts = [
    `${device} ${state}${active ? "" : ", not used"}`,
    flags.join(" "),
    ...(boundAddresses === undefined ? [] : [`${boundAddresses} bound`]),
    ...(reason === undefined ? [] : [reason]),
  ];
  return parts.join("  ");
}
