/** Carries the verdicts of detection to the engine, and notices what that changes. */

import { detect, type Observation, type Verdict } from "../detection/link-based.ts";
import { addressUp } from "../ip/addresses.ts";
import { setPhyintFlags } from "../ip/interface-flags.ts";
import { type Ip, illsOf } from "../ip/ip.ts";
import { PHYI } from "../ipmp/flags.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { Transition } from "../snapshot/event.ts";
import type { MemberState } from "../snapshot/snapshot.ts";
import type { Clock } from "./clock.ts";
import type { Group } from "./group.ts";
import type { Member } from "./member.ts";

export interface DetectionSettings {
  readonly failback: boolean;
}

export class Detection {
  readonly #ip: Ip;
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;

  constructor(ip: Ip, clock: Clock, announce: (transition: Transition) => void) {
    this.#ip = ip;
    this.#clock = clock;
    this.#announce = announce;
  }

  /** One look at a group: verdicts, flags, and the transitions that follow. */
  step(group: Group, settings: DetectionSettings, now: Hrtime): void {
    const members = [...group.members.values()];
    const observations = members.map(observe);
    const policy = { failback: settings.failback, target: group.target(), minActive: group.plan.minActive };
    group.verdicts = detect(group.verdicts, observations, policy);
    this.#ip.operation(now, () => {
      for (const member of members) {
        const verdict = group.verdicts.get(member.link.name);
        if (verdict) applyVerdict(member.phyint, verdict);
      }
    });
    for (const member of members) this.#noticeMember(group, member);
    this.#noticeFailover(group);
    this.#noticeGroup(group, now);
  }

  #noticeMember(group: Group, member: Member): void {
    const from = member.state;
    const to = member.currentState();
    if (from === to) return;
    member.state = to;
    if (from === undefined) return; // it has just joined, which was announced
    if (to === "failed") group.count(member.link.name, "failures", "link");
    if (from === "failed" && to !== "offline") group.count(member.link.name, "repairs", "link");
    if (from === "active" && to !== "inactive") group.activeLost++;
    const cause = member.reason() ?? WHY_ACTIVE[from];
    group.happened(member.link.name, `${member.link.name} ${to}: ${cause}`);
    this.#announce({ kind: "member-state", group: group.name, device: member.link.name, from, to, cause });
  }

  /** A failover: an active member was lost and another carries on. */
  #noticeFailover(group: Group): void {
    const lost = group.activeLost;
    group.activeLost = 0;
    if (lost === 0 || ![...group.members.values()].some((member) => member.state === "active")) return;
    group.failovers += BigInt(lost);
    group.lastFailoverMs = this.#clock.wallMs();
  }

  #noticeGroup(group: Group, now: Hrtime): void {
    const from = group.state;
    const to = group.currentState();
    if (from === to) return;
    group.enter(to, now);
    this.#announce({ kind: "group-state", group: group.name, from, to, cause: describe(group) });
  }
}

/** Why a member is active that was something else before. */
const WHY_ACTIVE: Readonly<Record<MemberState, string>> = {
  active: "link up",
  inactive: "needed",
  failed: "link up",
  offline: "back in service",
};

function observe(member: Member): Observation {
  const { name, adminUp, running } = member.link.attributes;
  return { device: name, adminUp, running, standby: member.standby, offlined: member.offlined };
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
  // A new member gets its address only now, so that it never carries data before anyone has looked at it.
  for (const { ipifs } of illsOf(phyint)) if (ipifs[0]) addressUp(ipifs[0]);
}

function describe(group: Group): string {
  const counts = new Map<string, number>();
  for (const { state } of group.members.values()) if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  const missing = group.missing().length;
  if (missing > 0) counts.set("missing", missing);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "no members";
}
