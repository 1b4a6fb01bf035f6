/** What the probe machine knows of members, as snapshots show it (libipmp's ipmp_query_mpathd.h, ipmpstat.c). */

import type { Family } from "../../ipmp/address.ts";
import type { Instance } from "../../probing/instance.ts";
import type { Phyint } from "../../probing/phyint.ts";
import { averageOf } from "../../probing/round-trip.ts";
import type { TargetList } from "../../probing/target-list.ts";
import type { FamilyProbes, MemberProbes, ProbeCounts, TargetSnapshot } from "../../snapshot/probes.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Group } from "../groups/group.ts";
import type { Member } from "../groups/member.ts";
import type { Line } from "./member-sockets.ts";
import type { ProbedMember } from "./probed-members.ts";
import { eachFamily } from "./shown-system.ts";

/** Asked by whoever makes a snapshot. */
export interface ProbeView {
  /** Undefined in a group that is not probed. */
  probesOf(member: Member): MemberProbes | undefined;
  /** Milliseconds; undefined while no member of the group is probed. */
  detectionTimeOf(group: Group): number | undefined;
}

interface Known {
  readonly probed: ProbedMember;
  readonly phyint: Phyint | undefined;
  readonly line: (family: Family) => Line | undefined;
  readonly counts: (family: Family) => ProbeCounts;
}

export function memberProbes({ probed, phyint, line, counts }: Known): MemberProbes {
  const families = eachFamily((family): FamilyProbes | undefined => {
    const how = line(family);
    const from = probed.plan.from[FAMILY_NAMES[family]];
    if (!how || !from) return undefined;
    const instance = phyint?.[family];
    return {
      family: FAMILY_NAMES[family],
      method: how.method,
      methodReason: how.why,
      testAddress: from.address,
      mode: modeOf(instance),
      targets: instance ? targetsOf(instance) : [],
      counts: counts(family),
    };
  });
  return { state: stateOf(phyint), families };
}

/** The column MODE of ipmpstat -t. */
function modeOf(instance: Instance | undefined): FamilyProbes["mode"] {
  if (instance?.isOn !== true) return "disabled";
  return instance.targets.ofRouters ? "routes" : "multicast";
}

/** The column PROBE of ipmpstat -i. */
function stateOf(phyint: Phyint | undefined): MemberProbes["state"] {
  if (phyint?.isProbed !== true) return "disabled";
  if (phyint.state === "failed") return "failed";
  return phyint.isCapable ? "ok" : "unknown";
}

function targetsOf({ targets: list }: Instance): TargetSnapshot[] {
  return inTurn(list).map(({ address, status, roundTrip }) => ({
    address,
    state: status,
    roundTrip: averageOf(roundTrip) || undefined,
  }));
}

/** From the next to be probed on, around the list. */
function inTurn({ targets, cursor }: TargetList): TargetList["targets"] {
  const first = cursor ? targets.indexOf(cursor) : 0;
  return [...targets.slice(first), ...targets.slice(0, first)];
}
