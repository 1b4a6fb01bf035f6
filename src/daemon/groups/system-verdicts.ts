/** What the system itself says of the members of its groups, as verdicts: nothing is judged here. */

import type { Verdict, Verdicts } from "../../detection/link-based.ts";
import type { SystemGroup, SystemMember } from "../../link/system-group.ts";
import type { Member } from "./member.ts";

/** A member that the system does not name keeps no verdict: it leaves. */
export function systemVerdicts({ members: told }: SystemGroup, members: readonly Member[]): Verdicts {
  const byDevice = new Map(told.map((member) => [member.device, member]));
  const verdicts = new Map<string, Verdict>();
  for (const member of members) {
    const { key, name, attributes } = member.link;
    const said = byDevice.get(name);
    if (!said) continue;
    verdicts.set(key, verdictOf(said, attributes.running));
    member.probeFailure =
      said.probe === "failed" && attributes.running ? "in.mpathd gets no answer to its probes" : undefined;
  }
  return verdicts;
}

function verdictOf(said: SystemMember, running: boolean): Verdict {
  const { active, inactive, standby, failed, offline } = said;
  const isFlagged = inactive || failed || offline;
  return {
    running,
    failed,
    offline,
    inactive: inactive && !failed,
    standby,
    unknown: !active && !isFlagged,
    why: active ? undefined : whyNot(said, running),
  };
}

function whyNot(
  { inactive, standby, failed, offline, down, duplicate, probe }: SystemMember,
  running: boolean,
): string {
  if (duplicate) return "another member has its hardware address";
  if (offline) return "taken offline (if_mpadm)";
  if (failed) return running && probe === "failed" ? "in.mpathd gets no answer to its probes" : "link down";
  if (down) return "no address of it is up";
  if (inactive) return standby ? "standby, not needed" : "repaired, failback is off";
  return "not in use, in.mpathd does not say why";
}
