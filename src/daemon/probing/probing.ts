/**
 * The probe machine in the daemon: shows it the members and their targets, gives it time and the answers that wait in the sockets, and hands
 * its verdicts to detection.
 */

import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../../config/configuration.ts";
import type { Family } from "../../ipmp/address.ts";
import { PHYI } from "../../ipmp/flags.ts";
import { type Hrtime, hrtime } from "../../kstat/hrtime.ts";
import type { IpAddress } from "../../net-address/ip-address.ts";
import type { ProbeSockets } from "../../probe-socket/probe-sockets.ts";
import { SERVICE } from "../../probing/deviations.ts";
import type { ProbeEvent } from "../../probing/events.ts";
import { ProbeMachine } from "../../probing/machine.ts";
import { intervalOf, type Settings } from "../../probing/prober.ts";
import { nanoseconds } from "../../probing/time.ts";
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
  /** Asks for a turn of the loop: an answer may have changed a verdict. */
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

  /** When the loop is to give it a turn; undefined while nobody is probed. Deadlines that lie close together share one turn. */
  get nextDeadline(): Hrtime | undefined {
    if (!this.#machine) return undefined;
    const step = nanoseconds(intervalOf(this.#detection.failureDetectionTime) / TURNS_PER_INTERVAL);
    return hrtime(BigInt(Math.ceil(Math.ceil(this.#machine.nextDeadline / step) * step)));
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
    if (machine && machine.nextDeadline <= Number(now)) {
      this.#hearAll();
      machine.due(this.#system.now);
      this.#verdicts.probesJudged();
    }
    if (machine) this.#verdicts.tell(machine);
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
    for (const [key, probed] of before) if (members.get(key)?.member !== probed.member) this.#verdicts.drop(probed);
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
        const readable = () => this.#heard(key, family);
        this.#sockets.use(key, family, { from, device: member.link.name, readable }, settings);
      });
    }
  }

  /** An answer waits at a socket. */
  #heard(key: string, family: Family): void {
    const machine = this.#machine;
    if (!machine) return;
    this.#hear(machine, key, family);
    if (this.#verdicts.isDue && !this.#isTurning) this.#wake();
  }

  /** Answers that came in time are taken before anybody asks whether they came. */
  #hearAll(): void {
    this.#isTurning = true;
    this.#sockets.poll();
    this.#isTurning = false;
  }

  #hear(machine: ProbeMachine, key: string, family: Family): void {
    const line = this.#sockets.get(key, family);
    if (line === undefined || line.method === "none") return;
    const own = this.#system.members.get(key)?.member.link.addresses;
    line.socket.receive(({ kind, sequence, from, sentAt, age }) => {
      // What is sent to all hosts comes back from this one too.
      if (own?.some(({ address }) => address === from) === true) return;
      // The time at which it was taken from the socket, because that is what its age is from.
      const { now } = this.#system;
      // No answer is older than its question: the wall clock, by which the system dates it, was set meanwhile.
      const isDated = age <= now - sentAt;
      machine.received(now, { interface: key, family, kind, sequence, from, sentAt, age: isDated ? age : 0 });
    });
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
