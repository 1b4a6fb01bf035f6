/** Has src/detection judge the members of a group, and carries its verdicts to the engine as interface flags. */

import { detectPorts, type OtherAggregator, type PortObservation } from "../../detection/aggregate.ts";
import {
  detect,
  isFunctioning,
  judgeAlone,
  type Observation,
  type Verdict,
  type Verdicts,
} from "../../detection/link-based.ts";
import { detectRouted } from "../../detection/routed.ts";
import { addressUp } from "../../ip/addresses.ts";
import { setPhyintFlags } from "../../ip/interface-flags.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { routeUses } from "../../membership/route-use.ts";
import type { SavedFlag } from "../../state/saved-state.ts";
import type { Link } from "../links/link.ts";
import type { Group } from "./group.ts";
import { lacpPort } from "./lacp.ts";
import type { Member } from "./member.ts";
import { systemVerdicts } from "./system-verdicts.ts";

export interface DetectionSettings {
  readonly failback: boolean;
  readonly otherAggregator: OtherAggregator;
}

/** Judges the members of a group by what is known of their links now. */
export function judgeMembers(ip: Ip, group: Group, settings: DetectionSettings, now: Hrtime): void {
  const members = [...group.members.values()];
  const { master } = group.plan;
  group.verdicts = group.system ? systemVerdicts(group.system, members) : detectMembers(group, members, settings);
  ip.operation(now, () => {
    for (const member of members) {
      const verdict = group.verdicts.get(member.link.key);
      if (!verdict) continue;
      applyVerdict(member.phyint, verdict);
      member.why = verdict.why;
      member.isUseUnknown = verdict.unknown ?? false;
      if ((master || group.routes || group.system) && member.standby !== verdict.standby) {
        member.standby = verdict.standby;
        group.changed();
      }
    }
  });
}

function detectMembers(
  group: Group,
  members: readonly Member[],
  { failback, otherAggregator }: DetectionSettings,
): Verdicts {
  const { master, minActive } = group.plan;
  const uses =
    group.routes &&
    routeUses(
      group.routes,
      members.map(({ link }) => link.ifindex),
      worksAmong(members),
    );
  for (const member of members) member.route = uses?.get(member.link.ifindex);
  if (master) return detectSlaves(group.verdicts, master, members, otherAggregator);
  if (uses)
    return detectRouted(
      members.flatMap((member) => (member.route ? [{ ...observe(member), route: member.route }] : [])),
    );
  const previous = group.verdicts.size > 0 ? group.verdicts : verdictsBefore(members);
  return detect(previous, members.map(observe), { failback, wanted: group.wantedActive(), minActive });
}

/** Those of an earlier run, of members that have not been judged in this one. */
function verdictsBefore(members: readonly Member[]): Verdicts {
  return new Map(
    members.flatMap(({ link, flagsBefore: flags }): [string, Verdict][] => {
      if (!flags) return [];
      const has = (flag: SavedFlag) => flags.includes(flag);
      const [failed, offline, inactive, standby] = [has("FAILED"), has("OFFLINE"), has("INACTIVE"), has("STANDBY")];
      return [[link.key, { running: !failed, failed, offline, inactive, standby }]];
    }),
  );
}

/** Whether a link can carry traffic. Of a next hop that is no member nothing else is known: it can. */
function worksAmong(members: readonly Member[]): (ifindex: number) => boolean {
  const down = members.filter((member) => !isFunctioning(judgeAlone(observe(member))));
  const ifindexes = new Set(down.map(({ link }) => link.ifindex));
  return (ifindex) => !ifindexes.has(ifindex);
}

function observe(member: Member): Observation {
  const { adminUp, running } = member.link.attributes;
  const { standby, offlined, probeFailure } = member;
  return { key: member.link.key, adminUp, running, standby, offlined, probeFailure };
}

function detectSlaves(
  previous: Verdicts,
  { attributes }: Link,
  members: readonly Member[],
  otherAggregator: OtherAggregator,
): Verdicts {
  const { name, adminUp, running, aggregate } = attributes;
  const { kind = "bond", mode, monitor, minLinks, activeIfindex, primaryIfindex, activeAggregator } = aggregate ?? {};
  const ports = members.map((member): PortObservation => {
    const { ifindex, port } = member.link.attributes;
    return {
      ...observe(member),
      ...lacpPort(member),
      miiStatus: port?.miiStatus,
      isActive: activeIfindex === undefined ? port?.role === "active" : ifindex === activeIfindex,
      isPrimary: ifindex === primaryIfindex,
    };
  });
  const hasPrimary = primaryIfindex !== undefined;
  const whole = { kind, name, mode, monitor, adminUp, running, minLinks, hasPrimary, activeAggregator };
  return detectPorts(previous, whole, ports, otherAggregator);
}

function applyVerdict(phyint: Phyint, verdict: Verdict): void {
  const known = PHYI.FAILED | PHYI.OFFLINE | PHYI.INACTIVE | PHYI.STANDBY;
  if (verdict.standby && (phyint.flags & PHYI.STANDBY) === 0) {
    // The kernel refuses STANDBY on an interface that is INACTIVE already.
    setPhyintFlags(phyint, { clear: PHYI.INACTIVE });
    setPhyintFlags(phyint, { set: PHYI.STANDBY });
  }
  const wanted =
    (verdict.failed ? PHYI.FAILED : 0) |
    (verdict.offline ? PHYI.OFFLINE : 0) |
    (verdict.inactive ? PHYI.INACTIVE : 0) |
    (verdict.standby ? PHYI.STANDBY : 0);
  setPhyintFlags(phyint, { set: wanted, clear: known & ~wanted });
  // The kernel clears INACTIVE together with STANDBY, also where it is to stay.
  if ((phyint.flags & known) !== wanted) setPhyintFlags(phyint, { set: wanted, clear: known & ~wanted });
  // A new member gets its address only now, so that it never carries data before anyone has looked at it.
  for (const { ipifs } of illsOf(phyint)) if (ipifs[0]) addressUp(ipifs[0]);
}
