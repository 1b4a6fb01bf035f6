/**
 * The one place that asks what changed in the state and the arrangement of a group. It compares the group with what it was at the last look, counts failures, repairs
 * and failovers, and announces each difference as a transition: log, event stream, timeline and notifications render those alone.
 */

import { ONE_ACTIVE } from "../../detection/aggregate.ts";
import { addressesOf } from "../../ip/addresses.ts";
import { illsOf } from "../../ip/ip.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { isDown } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { MemberState } from "../../snapshot/snapshot.ts";
import { because } from "../../wording/verdict.ts";
import type { Clock } from "../process/clock.ts";
import type { Group } from "./group.ts";
import { isAggregate } from "./group-plan.ts";
import { FAILURE_REASONS, type FailureReason, type Member } from "./member.ts";

/** What the engine arranged in a group. */
interface Arrangement {
  readonly linkDown: boolean;
  readonly mtu: number | undefined;
  readonly cast: Readonly<Record<"ipv4" | "ipv6", string | undefined>>;
  /** Device by data address. */
  readonly bound: ReadonlyMap<string, string | undefined>;
}

export class GroupChanges {
  readonly #clock: Clock;
  readonly #announce: (transition: Transition) => void;
  readonly #last = new WeakMap<Group, Arrangement>();

  constructor(clock: Clock, announce: (transition: Transition) => void) {
    this.#clock = clock;
    this.#announce = announce;
  }

  /** Compares a group with what it was; the first look at a group or a member only remembers. */
  look(group: Group, now: Hrtime): void {
    for (const member of group.members.values()) this.#lookAtMember(group, member, now);
    const active = [...group.members.values()].filter(({ state }) => state === "active");
    group.failovers.arranged(active, ONE_ACTIVE.has(group.plan.mode), now, this.#clock);
    this.#lookAtMonitor(group);
    this.#lookAtState(group, now);
    const before = this.#last.get(group);
    const arrangement = arrangementOf(group);
    this.#last.set(group, arrangement);
    if (before) this.#compare(group, before, arrangement);
    group.causesSeen();
  }

  #lookAtMember(group: Group, member: Member, now: Hrtime): void {
    const { link } = member;
    const { source, ifindex } = link.id;
    const about = { group: group.name, device: link.label, source, ifindex };
    const down = isDown(link.attributes);
    const wasDown = member.linkDown;
    member.linkDown = down;
    const from = member.state;
    const to = member.currentState();
    member.state = to;
    if (from === undefined || wasDown === undefined) {
      // It has just joined, which was announced. It may have failed in an earlier run, which was counted.
      if (to === "failed" || to === "offline") member.failedBy = unrepaired(group, member);
      return;
    }
    if (wasDown !== down) {
      const held = to === "failed" && member.reason();
      const up = held ? `link up: ${held}` : "link up";
      const cause = down ? (link.attributes.adminUp ? "link down" : "administratively down") : up;
      this.#announce({ kind: "link-state", ...about, to: upOrDown(down), cause });
    }
    if (from === to) return;
    countHealth(group, member, to);
    if (from === "active" && to !== "inactive") group.failovers.lose(link.label, now);
    const repair = from === "failed" ? member.probeRepair : undefined;
    const cause = member.reason() ?? repair ?? (from === "inactive" ? whyNeeded(group) : WHY_ACTIVE[from]);
    group.happened(link.label, `${link.label} ${to}: ${cause}`);
    this.#announce({ kind: "member-state", ...about, from, to, cause });
  }

  /** A bond that watches nothing does not fail over, which nobody notices until it has to. */
  #lookAtMonitor(group: Group): void {
    const monitor = group.plan.master?.attributes.aggregate?.monitor;
    if (monitor === "none" && group.monitor !== "none") {
      const cause = "neither miimon nor arp_interval is set: it keeps using a link that is lost";
      this.#announce({ kind: "bond-unmonitored", group: group.name, cause });
    }
    group.monitor = monitor;
  }

  #lookAtState(group: Group, now: Hrtime): void {
    const to = group.currentState();
    const news = group.states.enter(to, now);
    if (!news) return;
    const { name, plan } = group;
    this.#announce({
      kind: "group-state",
      group: name,
      ifname: plan.ifname,
      from: news.from,
      to,
      cause: whyOf(group),
    });
  }

  #compare(group: Group, before: Arrangement, now: Arrangement): void {
    const { name, plan, engine } = group;
    if (now.linkDown !== before.linkDown) {
      const { ifindex } = engine.phyint;
      const cause = now.linkDown ? "no member is active" : "a member is active";
      const to = upOrDown(now.linkDown);
      this.#announce({ kind: "link-state", group: name, device: plan.ifname, source: LOCAL, ifindex, to, cause });
    }
    if (now.mtu !== undefined && now.mtu !== before.mtu)
      this.#announce({ kind: "mtu-changed", group: name, mtu: now.mtu, cause: group.causeFor() });
    if (plan.mode !== "ipmp") return; // others have no nominee and bind no addresses
    for (const family of ["ipv4", "ipv6"] as const) {
      const [from, to] = [before.cast[family], now.cast[family]];
      const cause = group.causeFor(from, to);
      if (from === to) continue;
      group.castChanges++;
      this.#announce({ kind: "cast-changed", group: name, family, from, to, cause });
    }
    for (const [address, to] of now.bound) {
      const from = before.bound.get(address);
      const cause = group.causeFor(from, to);
      if (from === to) continue;
      group.rebinds++;
      this.#announce({ kind: "address-moved", group: name, address, from, to, cause });
    }
  }
}

function upOrDown(down: boolean): "up" | "down" {
  return down ? "down" : "up";
}

/** Why a member that waited is active now. */
function whyNeeded(group: Group): string {
  if (isAggregate(group.plan)) return `taken into use by the ${group.plan.source === "lag" ? "device" : "bond"}`;
  return group.routes ? "no better default route works" : "needed";
}

/** A failure that lasts is one, also when the member is taken out of service and put back meanwhile. */
function countHealth(group: Group, member: Member, to: MemberState): void {
  const { label } = member.link;
  if (to === "failed" && member.failedBy === undefined) {
    member.failedBy = failureReason(group, member);
    group.health.count(label, "failures", member.failedBy);
  }
  if ((to === "active" || to === "inactive") && member.failedBy) {
    group.health.count(label, "repairs", member.failedBy);
    member.failedBy = undefined;
  }
}

/** What found a failure of it that was counted before it joined, and is not repaired. */
function unrepaired(group: Group, member: Member): FailureReason | undefined {
  const { failures, repairs } = group.health.of(member.link.label);
  const reasons = [failureReason(group, member), ...FAILURE_REASONS];
  return reasons.find((reason) => (failures[reason] ?? 0n) > (repairs[reason] ?? 0n));
}

/** What found it. A bond may find a link lost that is there, and so may probes. */
function failureReason({ plan }: Group, { link: { attributes, unanswered }, probeFailure }: Member): FailureReason {
  if (!attributes.running) return unanswered === undefined ? "link" : "source";
  if (plan.source === "lag") return "lacp"; // nothing else says of a link that is up that it does not work
  if (plan.master) return attributes.port?.miiStatus === "up" ? "lacp" : "probe";
  return probeFailure === undefined ? "link" : "probe";
}

/** The cause to announce when a member becomes active, by its state before. */
const WHY_ACTIVE: Readonly<Record<Exclude<MemberState, "inactive">, string>> = {
  active: "link up",
  failed: "link up",
  offline: "back in service",
};

/** Why it is as it is, as a verdict says it. */
function whyOf(group: Group): string {
  return because({
    state: group.states.now,
    members: Array.from(group.members.values(), (member) => ({
      label: member.link.label,
      state: member.currentState(),
      reason: member.reason(),
      isUnreachable: member.isUnreachable,
    })),
    missing: group.missing(),
    refused: group.notLetIn().map(({ device }) => device),
  });
}

function arrangementOf(group: Group): Arrangement {
  const { engine, linkUp, mtu, castDevices, system } = group;
  const data = illsOf(engine.phyint).flatMap(addressesOf);
  const bound = system
    ? (system.addresses ?? []).map(({ address, inbound }) => [address, inbound] as const)
    : data.map((ipif) => [ipif.addr, group.labelOf(ipif.boundIll?.phyint)] as const);
  return {
    linkDown: !linkUp,
    mtu,
    cast: castDevices,
    bound: new Map(bound),
  };
}
