/** What the probe machine finds is told to members and groups here, and announced: who has failed, whose targets are mute, how long detection takes. */

import type { ProbeMachine } from "../../probing/machine.ts";
import type { Phyint } from "../../probing/phyint.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { Group } from "../groups/group.ts";
import type { Membership } from "../groups/membership.ts";
import { Blame, isAnswered } from "./blame.ts";
import { byName, membersByGroup, type ProbedMember } from "./probed-members.ts";
import type { ShownSystem } from "./shown-system.ts";

export class Verdicts {
  readonly #system: ShownSystem;
  readonly #membership: Membership;
  readonly #announce: (transition: Transition) => void;
  #blame: Blame;
  /** A verdict may have changed since the members were told. */
  #isDue = false;
  /** Some member has failed with its link up: what is said of it may turn with its next probe. */
  #isAnyFailed = false;

  constructor(system: ShownSystem, membership: Membership, announce: (transition: Transition) => void) {
    this.#system = system;
    this.#membership = membership;
    this.#announce = announce;
    this.#blame = this.#newBlame();
  }

  #newBlame(): Blame {
    return new Blame(({ phyint, family }) => this.#system.refusalOf(phyint.name, family));
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  /** The machine has looked at the system: any verdict may be another one. */
  doubt(): void {
    this.#isDue = true;
  }

  /** Probes were judged. Whether a member is excused shows in its answers and losses. */
  probesJudged(): void {
    this.#isDue ||= this.#isAnyFailed;
  }

  /** Another machine begins, and knows of the last one's verdicts only what members say. */
  forget(): void {
    this.#blame = this.#newBlame();
  }

  /** A member that the machine has not seen yet was to blame when the program, or the last machine, ended. */
  restore(key: string, cause: string): void {
    this.#blame.restore(key, cause);
  }

  /** Nothing is held against who is not probed any more, nor against the targets of a group of which nobody is. */
  drop(before: ReadonlyMap<string, ProbedMember>, now: ReadonlyMap<string, ProbedMember>): void {
    const dropped = [...before].flatMap(([key, probed]) => (now.get(key)?.member === probed.member ? [] : probed));
    if (dropped.length === 0) return;
    const groups = membersByGroup(now);
    for (const { group, member } of dropped) {
      member.probeFailure = undefined;
      if (!groups.has(group)) group.targetsMute = false;
    }
  }

  failed(phyint: Phyint): void {
    this.#blame.blame(phyint);
    this.#isDue = true;
  }

  flapping(phyint: Phyint): void {
    this.#blame.distrust(phyint);
    this.#isDue = true;
  }

  cleared(key: string): void {
    this.#blame.acquit(key);
  }

  repaired(phyint: Phyint): void {
    const member = this.#system.members.get(phyint.name)?.member;
    if (member) member.probeRepair = phyint.isCapable ? "10 probes answered" : undefined;
  }

  detectionTimeChanged(phyint: Phyint, how: "slowly" | "quickly again"): void {
    const probed = this.#system.members.get(phyint.name);
    if (!probed) return;
    const milliseconds = phyint.group.failureDetectionTimeMs;
    const cause = `a target answers ${probed.member.link.label} ${how}`;
    this.#announce({ kind: "detection-time", group: probed.group.name, milliseconds, cause });
    this.#isDue = true; // the loop saves what was announced
  }

  /** Tells the members what the machine thinks of them now, if that may be something else than before. */
  tell(machine: ProbeMachine): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    const phyints = byName(machine.phyints);
    const mute = new Set<Group>();
    for (const [key, { group, member }] of this.#system.members) {
      const phyint = phyints.get(key);
      if (!phyint) continue;
      const failure = this.#blame.causeOf(phyint);
      if (this.#blame.isExcused(phyint)) mute.add(group);
      if (failure === member.probeFailure) continue;
      member.probeFailure = failure;
      this.#membership.dirty.add(group);
    }
    this.#isAnyFailed = machine.phyints.some((phyint) => phyint.has("FAILED") && phyint.linkUp);
    for (const group of membersByGroup(this.#system.members).keys()) this.#noteMute(machine, group, mute.has(group));
  }

  #noteMute(machine: ProbeMachine, group: Group, isMute: boolean): void {
    if (group.targetsMute === isMute) return;
    const members = membersOf(machine, group);
    const isAnyAnswered = members.some(({ instances }) => instances.some(isAnswered));
    // Nobody can be excused where all links are lost, which is no answer.
    if (!isMute && !isAnyAnswered && members.some(({ isCapable }) => isCapable)) return;
    group.targetsMute = isMute;
    if (!isMute && !isAnyAnswered) return; // nobody is asked any more
    this.#announce(
      isMute
        ? {
            kind: "targets-mute",
            group: group.name,
            cause: `no answer from ${targetsOf(machine, group)} to any member${this.#refusalsOf(members)}; traffic stays where it is`,
          }
        : { kind: "targets-answer", group: group.name, cause: "probes are answered again" },
    );
  }

  /** Where this host itself is why nobody answers. */
  #refusalsOf(members: readonly Phyint[]): string {
    const refusals = members.flatMap(({ name, instances }) =>
      instances.flatMap(({ family }) => this.#system.refusalOf(name, family) ?? []),
    );
    return refusals.length === 0 ? "" : ` (last probes could not be sent: ${[...new Set(refusals)].sort().join(", ")})`;
  }
}

function membersOf(machine: ProbeMachine, { plan }: Group): readonly Phyint[] {
  return machine.groups.find(({ name }) => name === plan.ifname)?.members ?? [];
}

function targetsOf(machine: ProbeMachine, group: Group): string {
  const targets = membersOf(machine, group).flatMap(({ instances }) => instances.flatMap((one) => one.targets.targets));
  return [...new Set(targets.map(({ address }) => address))].sort().join(", ") || "anybody";
}
