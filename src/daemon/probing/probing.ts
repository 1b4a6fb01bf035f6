/**
 * The probe machine in the daemon: shows it the members and their targets, gives it time and the answers that wait in the sockets, and hands
 * its verdicts to detection.
 */

import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../../config/configuration.ts";
import type { Family } from "../../ipmp/address.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import type { IpAddress } from "../../net-address/ip-address.ts";
import type { Hear, ProbeAnswer } from "../../probe-socket/probe-socket.ts";
import type { ProbeSockets } from "../../probe-socket/probe-sockets.ts";
import { SERVICE } from "../../probing/deviations.ts";
import type { ProbeEvent } from "../../probing/events.ts";
import { ProbeMachine } from "../../probing/machine.ts";
import { intervalOf, type Settings } from "../../probing/prober.ts";
import { type Nanoseconds, nanoseconds, wholeMilliseconds } from "../../probing/time.ts";
import type { Transition } from "../../snapshot/event.ts";
import type { ProbeHistory } from "../../snapshot/probes.ts";
import type { DefaultRoute } from "../../sources/source.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Membership } from "../groups/membership.ts";
import type { Clock } from "../process/clock.ts";
import { Ledger } from "./ledger.ts";
import { MemberSockets } from "./member-sockets.ts";
import { MethodAnnouncements } from "./method-announcements.ts";
import { memberProbes, type ProbeView } from "./probe-view.ts";
import { byName, probedMembers } from "./probed-members.ts";
import { eachFamily, type Listener, ShownSystem } from "./shown-system.ts";
import { Verdicts } from "./verdicts.ts";

type Detection = Configuration["detection"];

export interface ProbingParts {
  readonly membership: Membership;
  readonly clock: Clock;
  readonly announce: (transition: Transition) => void;
  readonly sockets: ProbeSockets;
  readonly detection: Detection;
  /** Asks for a turn of the loop: a verdict may have changed. */
  readonly wake: () => void;
}

/** A probe is late by a sixteenth of its interval at most, and hundreds of links do not wake the loop one by one. */
const TURNS_PER_INTERVAL = 16;

export class Probing implements Listener {
  readonly #membership: Membership;
  readonly #wake: () => void;
  readonly #sockets: MemberSockets;
  readonly #system: ShownSystem;
  readonly #ledger: Ledger;
  readonly #methods: MethodAnnouncements;
  readonly #verdicts: Verdicts;
  #detection: Detection;
  #routes: readonly DefaultRoute[] = [];
  #machine: ProbeMachine | undefined;
  /** The configuration or the routes have changed since the machine was shown its targets. */
  #targetsDue = true;
  /** Targets that were configured for a device, and are no more, until the machine is told. */
  readonly #withdrawn = new Set<IpAddress>();
  /** It is in the middle of a turn, in which answers are heard too. */
  #isTurning = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due. */
  #armedFor: Nanoseconds | undefined;

  constructor({ membership, clock, announce, sockets, detection, wake }: ProbingParts) {
    this.#membership = membership;
    this.#wake = wake;
    this.#detection = detection;
    this.#sockets = new MemberSockets(sockets);
    this.#system = new ShownSystem(this.#sockets, clock, this);
    this.#methods = new MethodAnnouncements(this.#sockets, announce);
    this.#verdicts = new Verdicts(this.#system, membership, announce);
    this.#ledger = new Ledger(clock, (key) => this.#system.members.get(key)?.member);
  }

  get history(): ProbeHistory {
    return this.#ledger.log;
  }

  /** The default routes of this host: their next hops are targets. */
  takeRoutes(routes: readonly DefaultRoute[]): void {
    if (isDeepStrictEqual(routes, this.#routes)) return;
    this.#routes = routes;
    this.#targetsDue = true;
  }

  /** Another configuration. A machine has its settings for life: with others a new one begins, and is told who has failed. */
  configure(detection: Detection): void {
    const before = this.#detection;
    this.#detection = detection;
    this.#targetsDue = true;
    for (const [device, targets] of before.probes.targets) {
      const kept = detection.probes.targets.get(device);
      for (const target of targets) if (kept?.includes(target) !== true) this.#withdrawn.add(target);
    }
    const isAnotherWay =
      before.probes.method !== detection.probes.method ||
      before.failureDetectionTime !== detection.failureDetectionTime;
    if (isAnotherWay) this.#sockets.keep(new Set());
    else this.#sockets.reconsider();
    if (isDeepStrictEqual(this.#settingsOf(before), this.#settingsOf(detection))) return;
    this.#machine = undefined;
    this.#system.forget();
    this.#verdicts.forget();
  }

  /** Shows the machine what has changed, lets it do what is due, and tells the members its verdicts. */
  turn(now: Hrtime): void {
    if (this.#targetsDue || this.#membership.dirty.size > 0) this.#show(Number(now));
    const machine = this.#machine;
    if (machine) {
      if (machine.nextDeadline <= Number(now)) this.#probe(machine);
      this.#verdicts.tell(machine);
    }
    this.#rearm();
  }

  /** Does what is due. Answers that came in time are taken before anybody asks whether they came; who is near answers while others are asked. */
  #probe(machine: ProbeMachine): void {
    this.#isTurning = true;
    this.#sockets.poll();
    machine.due(this.#system.now);
    this.#sockets.poll();
    this.#isTurning = false;
    this.#verdicts.probesJudged();
  }

  /** Wakes for the next probes, unless it will do so already. Deadlines that lie close together share one turn. */
  #rearm(): void {
    const step = nanoseconds(intervalOf(this.#detection.failureDetectionTime) / TURNS_PER_INTERVAL);
    const due = this.#machine && Math.ceil(this.#machine.nextDeadline / step) * step;
    if (due === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = due;
    if (due === undefined) return;
    const waitMs = Math.max(0, wholeMilliseconds(due - this.#system.now) + 1);
    this.#timer = setTimeout(() => this.#probesDue(), waitMs).unref();
  }

  /** A turn for probes alone, many times a second: the rest of the loop has one as well when a verdict may have changed. */
  #probesDue(): void {
    this.#armedFor = undefined;
    if (this.#machine) this.#probe(this.#machine);
    if (this.#verdicts.isDue) this.#wake();
    else this.#rearm();
  }

  /** What is known at this moment, for a snapshot. */
  view(): ProbeView {
    const { members } = this.#system;
    const groups = byName(this.#machine?.groups ?? []);
    const phyints = byName(this.#machine?.phyints ?? []);
    return {
      detectionTimeOf: ({ plan }) => {
        const group = groups.get(plan.ifname);
        return group?.members.some(({ isProbed }) => isProbed) === true ? group.failureDetectionTimeMs : undefined;
      },
      probesOf: (member) => {
        if (members.size === 0) return undefined;
        const key = String(member.link.ifindex);
        const probed = members.get(key);
        if (probed?.member !== member) return undefined;
        return memberProbes({
          probed,
          phyint: phyints.get(key),
          line: (family) => this.#sockets.get(key, family),
          counts: (family) => this.#ledger.tallyOf(member, family).snapshot(),
        });
      },
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#machine = undefined;
    this.#sockets.keep(new Set());
  }

  tell(event: ProbeEvent): void {
    switch (event.kind) {
      case "probe":
      case "answer-fake":
      case "answer-duplicate":
      case "answer-out-of-window":
        this.#ledger.enter(event);
        return;
      case "failure":
      case "link-down":
        this.#verdicts.failed(event.phyint);
        return;
      case "flapping":
        this.#verdicts.flapping(event.phyint);
        return;
      case "repair":
        this.#verdicts.repaired(event.phyint);
        return;
      case "fdt-raised":
        this.#verdicts.detectionTimeChanged(event.instance.phyint, "slowly");
        return;
      case "fdt-lowered":
        this.#verdicts.detectionTimeChanged(event.instance.phyint, "quickly again");
        return;
      default: // the daemon hears of links and groups from the system itself, and of states with the flags
    }
  }

  flagsChanged(key: string, flags: number): void {
    if ((flags & PHYI.FAILED) === 0) this.#verdicts.cleared(key);
    this.#verdicts.doubt();
  }

  sendFailed(key: string, family: Family): void {
    this.#ledger.sendFailed(key, family);
  }

  #settingsOf({ failureDetectionTime, failback }: Detection): Settings {
    return { failureDetectionTimeMs: failureDetectionTime, failback, trackAll: false, echo: true, deviations: SERVICE };
  }

  /** Looks at the members as they are now, and has the machine look where something is new. */
  #show(now: number): void {
    const targetsDue = this.#targetsDue;
    this.#targetsDue = false;
    const sources = { configured: this.#detection.probes.targets, routes: this.#routes };
    const before = this.#system.members;
    const members = probedMembers(this.#membership.groups.values(), sources, before);
    this.#verdicts.drop(before, members);
    if (members.size === 0 && !this.#machine) return;
    this.#openSockets(members);
    for (const [key, { member }] of members) {
      const isNew = !this.#machine || !before.has(key);
      if (isNew && member.probeFailure !== undefined) this.#verdicts.restore(key, member.probeFailure);
    }
    const isNews = this.#system.show(members);
    // Before anything else makes the machine look for targets: then it would not know why these are gone.
    if (this.#withdrawn.size > 0) this.#machine?.routersChanged(now, this.#withdrawn);
    this.#withdrawn.clear();
    this.#methods.look(members);
    this.#machine ??= new ProbeMachine(this.#system, this.#settingsOf(this.#detection), now);
    if (isNews) this.#machine.scan(now);
    if (targetsDue || isNews) this.#machine.routersChanged(now);
    followOffline(this.#machine, members, now);
    this.#verdicts.doubt();
    if (members.size === 0) this.#machine = undefined;
  }

  #openSockets(members: ShownSystem["members"]): void {
    this.#sockets.keep(members);
    const { method } = this.#detection.probes;
    const settings = { method, intervalMs: intervalOf(this.#detection.failureDetectionTime) };
    for (const [key, { member, plan }] of members) {
      eachFamily((family) => {
        const from = plan.from[FAMILY_NAMES[family]];
        const hear: Hear = (answer) => this.#hear(key, family, answer);
        this.#sockets.use(key, family, { from, device: member.link.name, hear }, settings);
      });
    }
  }

  #hear(key: string, family: Family, answer: ProbeAnswer): void {
    const { kind, sequence, from, sentAt, age } = answer;
    // What is sent to all hosts comes back from this one too.
    if (kind === "multi" && (this.#isOwn(key, from) || !this.#system.isHostOnLink(key, family, answer))) return;
    // Its age is as of now.
    const { now } = this.#system;
    // No answer is older than its question: the wall clock, by which the system dates it, was set meanwhile.
    const isDated = age <= now - sentAt;
    this.#machine?.received(now, { interface: key, family, kind, sequence, from, sentAt, age: isDated ? age : 0 });
    if (this.#verdicts.isDue && !this.#isTurning) this.#wake();
  }

  #isOwn(key: string, from: IpAddress): boolean {
    return this.#system.members.get(key)?.member.link.addresses.some(({ address }) => address === from) === true;
  }
}

/** An administrator takes a member out of use, or puts it back: the daemon has looked already whether it may be spared. */
function followOffline(machine: ProbeMachine, members: ShownSystem["members"], now: number): void {
  const phyints = byName(machine.phyints);
  for (const [key, { member }] of members) {
    const phyint = phyints.get(key);
    if (phyint === undefined || (phyint.state === "offline") === member.offlined) continue;
    if (member.offlined) machine.offline(now, key, 0);
    else machine.online(now, key);
  }
}
