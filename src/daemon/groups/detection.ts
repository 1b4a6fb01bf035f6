/** Carries the verdicts of detection to the engine, and notices what that changes. */

import { detectPorts, isDistributing, type PortObservation } from "../../detection/aggregate.ts";
import { detect, type Observation, type Verdict, type Verdicts } from "../../detection/link-based.ts";
import { addressUp } from "../../ip/addresses.ts";
import { setPhyintFlags } from "../../ip/interface-flags.ts";
import { type Ip, illsOf } from "../../ip/ip.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { MemberState } from "../../snapshot/snapshot.ts";
import type { Link } from "../links/link.ts";
import type { Clock } from "../process/clock.ts";
import type { Group } from "./group.ts";
import { lacpOfBond, lacpPort } from "./lacp.ts";
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
    const { master, minActive } = group.plan;
    group.verdicts = master
      ? detectSlaves(group.verdicts, master, members)
      : detect(group.verdicts, members.map(observe), {
          failback: settings.failback,
          target: group.target(),
          minActive,
        });
    this.#ip.operation(now, () => {
      for (const member of members) {
        const verdict = group.verdicts.get(member.link.name);
        if (!verdict) continue;
        applyVerdict(member.phyint, verdict);
        member.why = verdict.why;
        if (master) member.standby = verdict.standby;
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
    if (to === "failed") {
      // A bond that finds a link down which is there has asked over it in vain (its ARP monitor).
      member.failedBy = group.plan.master && member.link.attributes.running ? "probe" : "link";
      group.count(member.link.name, "failures", member.failedBy);
    }
    if (from === "failed" && to !== "offline") group.count(member.link.name, "repairs", member.failedBy);
    if (from === "active" && to !== "inactive") group.activeLost++;
    const cause = member.reason() ?? (from === "inactive" && group.plan.master ? BY_BOND : WHY_ACTIVE[from]);
    group.happened(member.link.name, `${member.link.name} ${to}: ${cause}`);
    this.#announce({ kind: "member-state", group: group.name, device: member.link.name, from, to, cause });
  }

  /** A failover: an active member was lost and another carries on. In an active-backup bond: another slave is the active one. */
  #noticeFailover(group: Group): void {
    const lost = group.plan.mode === "active-backup" ? activeChanged(group) : group.activeLost;
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

const BY_BOND = "taken into use by the bond";

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

/** Whether the active slave is another one than before: the bond tells only who it is. As many failovers. */
function activeChanged(group: Group): 0 | 1 {
  const before = group.lastActive;
  const active = [...group.members.values()].find(({ state }) => state === "active")?.link.ifindex;
  group.lastActive = active ?? before;
  return before === undefined || active === undefined || active === before ? 0 : 1;
}

function detectSlaves(previous: Verdicts, master: Link, members: readonly Member[]): Verdicts {
  const { mode, activeIfindex, primaryIfindex } = master.attributes.aggregate ?? {};
  const inUse = lacpOfBond(master, members)?.activeAggregator;
  const ports = members.map((member): PortObservation => {
    const { ifindex, port } = member.link.attributes;
    return {
      ...observe(member),
      miiStatus: port?.miiStatus,
      isActive: activeIfindex === undefined ? port?.role === "active" : ifindex === activeIfindex,
      isPrimary: ifindex === primaryIfindex,
      isDistributing: isDistributing(lacpPort(member), inUse),
    };
  });
  return detectPorts(previous, { mode, hasPrimary: primaryIfindex !== undefined }, ports);
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

function describe(group: Group): string {
  const counts = new Map<string, number>();
  for (const { state } of group.members.values()) if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  const missing = group.missing().length;
  if (missing > 0) counts.set("missing", missing);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "no members";
}
