/** What a system says of its own groups, as snapshots show it. */

import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { Kstat, KstatReading } from "../../kstat/kstat.ts";
import type { SystemGroupKstat } from "../../link/system-group.ts";
import type { MemberProbes } from "../../snapshot/probes.ts";
import type { CrossCheckSnapshot } from "../../snapshot/snapshot.ts";
import type { Group } from "../groups/group.ts";
import type { Member } from "../groups/member.ts";

/** How in.mpathd probes the member; undefined where the group is not the system's, or nothing was told of its probes. */
export function systemProbesOf({ system }: Group, { link }: Member): MemberProbes | undefined {
  const told = system?.members.find(({ device }) => device === link.name);
  if (told?.probe === undefined) return undefined;
  const families = told.families.map(({ targets, ...how }) => ({
    ...how,
    method: "icmp" as const,
    methodReason: undefined,
    targets: targets.map((address) => ({ address, state: "active" as const, roundTrip: undefined })),
    counts: undefined,
  }));
  return { state: told.probe, families };
}

/** The kstat as the system shows it, on our clock. */
export function systemKstatOf({ id, crtime, schema }: Kstat, told: SystemGroupKstat, at: Hrtime): KstatReading {
  const snaptime = hrtime(crtime + (told.snaptime - told.crtime));
  return { id, crtime, snaptime: snaptime < at ? snaptime : at, schema, values: told.values };
}

export function crossCheckOf({ crossCheck }: Group): CrossCheckSnapshot | undefined {
  const { isLookedAt, agreesSinceMs, disagreements } = crossCheck;
  return isLookedAt ? { agreesSinceMs, disagreements } : undefined;
}
