/**
 * The system as the probe machine sees it: groups and members as they were last shown to it, with the flags that it sets, their targets, and
 * sockets to send through.
 */

import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { FAMILIES, type Family } from "../../ipmp/address.ts";
import { PHYI } from "../../ipmp/flags.ts";
import { familyOf, parseIpAddress } from "../../net-address/ip-address.ts";
import { contains, isLinkLocal } from "../../net-address/ip-prefix.ts";
import type { ProbeAnswer } from "../../probe-socket/probe-socket.ts";
import type { ProbeEvent } from "../../probing/events.ts";
import type { ProbePacket, Router, SendOutcome, System, SystemEntry, SystemInterface } from "../../probing/system.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Clock } from "../process/clock.ts";
import type { MemberSockets } from "./member-sockets.ts";
import { membersByGroup, type ProbedMember } from "./probed-members.ts";

/** Flags that the machine sets; the others are the system's. */
const MACHINE_FLAGS = PHYI.FAILED | PHYI.INACTIVE | PHYI.OFFLINE;

type Entry = { readonly kind: "group"; readonly name: string } | (Omit<SystemInterface, "flags"> & { flags: number });

/** What it is told besides: what has become of its probes, and what it thinks of its members. */
export interface Listener {
  tell(event: ProbeEvent): void;
  flagsChanged(key: string, flags: number): void;
  sendFailed(key: string, family: Family): void;
}

/** Probes to all hosts that may be answered: the last ones. A host that takes longer than an interval is one on the link, too. */
const ASKED_MAX = 8;

export class ShownSystem implements System {
  #members: ReadonlyMap<string, ProbedMember> = new Map();
  readonly #sockets: MemberSockets;
  readonly #clock: Clock;
  readonly #listener: Listener;
  readonly #flags = new Map<string, number>();
  /** When each member asked all hosts on its link, the last times. */
  readonly #asked: Readonly<Record<Family, Map<string, readonly number[]>>> = { v4: new Map(), v6: new Map() };
  #entries: readonly Entry[] = [];

  constructor(sockets: MemberSockets, clock: Clock, listener: Listener) {
    this.#sockets = sockets;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** As they were last shown. */
  get members(): ReadonlyMap<string, ProbedMember> {
    return this.#members;
  }

  get now(): number {
    return Number(this.#clock.now());
  }

  /** Shows it these members, whose sockets are open already. Whether anything has changed that it should look at. */
  show(members: ReadonlyMap<string, ProbedMember>): boolean {
    this.#members = members;
    for (const known of [this.#flags, this.#asked.v4, this.#asked.v6])
      for (const key of known.keys()) if (!members.has(key)) known.delete(key);
    const before = this.#entries;
    this.#entries = [...this.#show()];
    return !isDeepStrictEqual(before, this.#entries);
  }

  /** A machine that begins anew is to know of its predecessor's verdicts only what members say. */
  forget(): void {
    this.#flags.clear();
    this.#entries = [];
  }

  *#show(): Generator<Entry> {
    for (const group of membersByGroup(this.#members).keys()) yield { kind: "group", name: group.plan.ifname };
    for (const [key, { group, member }] of this.#members) {
      const { running } = member.link.attributes;
      const flags = this.#flags.get(key) ?? firstFlags(member);
      this.#flags.set(key, flags);
      yield {
        kind: "interface",
        name: key,
        group: group.plan.ifname,
        flags: flags | (running ? PHYI.RUNNING : 0) | (member.standby ? PHYI.STANDBY : 0),
        hardwareAddress: undefined, // the engine lets no two members have one
        v4: { up: true, testAddress: this.#canSend(key, "v4") },
        v6: this.#canSend(key, "v6") ? { up: true, testAddress: true } : undefined,
      };
    }
  }

  #canSend(key: string, family: Family): boolean {
    const line = this.#sockets.get(key, family);
    return line !== undefined && line.method !== "none";
  }

  entries(): Iterable<SystemEntry> {
    return this.#entries;
  }

  *routers(): Iterable<Router> {
    for (const [key, { plan }] of this.#members) {
      for (const target of plan.targets) {
        const address = parseIpAddress(target);
        if (address) yield { interface: key, family: familyOf(address) === "ipv4" ? "v4" : "v6", address };
      }
    }
  }

  reaches(key: string, family: Family, target: string): boolean {
    const plan = this.#members.get(key)?.plan;
    if (!plan) return false;
    if (plan.isFixed || isLinkLocal(target)) return plan.targets.includes(target);
    const from = plan.from[FAMILY_NAMES[family]];
    return from !== undefined && contains(from, target);
  }

  setFlags(key: string, flags: number): void {
    this.#flags.set(key, flags & MACHINE_FLAGS);
    for (const entry of this.#entries) if (entry.kind === "interface" && entry.name === key) entry.flags = flags;
    this.#listener.flagsChanged(key, flags);
  }

  send({ interface: key, family, kind, sequence, target, sentAt }: ProbePacket): SendOutcome {
    const line = this.#sockets.get(key, family);
    const outcome =
      line === undefined || line.method === "none" ? "failed" : line.socket.send({ kind, sequence, target, sentAt });
    if (outcome !== "sent") this.#listener.sendFailed(key, family);
    else if (kind === "multi") {
      const before = this.#asked[family].get(key) ?? [];
      this.#asked[family].set(key, [...before, sentAt].slice(-ASKED_MAX));
    }
    return outcome;
  }

  /**
   * Whether who answers a probe to all hosts is one of them: it is in the subnet of the test address, and names a nanosecond at which it was asked of late.
   * Anybody who can send a packet to the link can say that he was.
   */
  isHostOnLink(key: string, family: Family, { from, sentAt }: Pick<ProbeAnswer, "from" | "sentAt">): boolean {
    const own = this.#members.get(key)?.plan.from[FAMILY_NAMES[family]];
    const isNear = isLinkLocal(from) || (own !== undefined && contains(own, from));
    return isNear && this.#asked[family].get(key)?.includes(sentAt) === true;
  }

  /** Why the last probe of a family of a member was not sent; undefined when it was. */
  refusalOf(key: string, family: Family): string | undefined {
    const line = this.#sockets.get(key, family);
    return line === undefined || line.method === "none" ? undefined : line.socket.refusal;
  }

  /** A whole number so large that no remainder of a probe interval is likelier than another. */
  random(): number {
    return randomInt(2 ** 48 - 1);
  }

  tell(event: ProbeEvent): void {
    this.#listener.tell(event);
  }
}

/** What an earlier run, or an earlier machine, has said of it. */
function firstFlags({ probeFailure, offlined }: ProbedMember["member"]): number {
  return (probeFailure === undefined ? 0 : PHYI.FAILED) | (offlined ? PHYI.OFFLINE : 0);
}

/** The families of a member, as this room names them. */
export function eachFamily<T>(visit: (family: Family) => T | undefined): T[] {
  return FAMILIES.flatMap((family) => visit(family) ?? []);
}
