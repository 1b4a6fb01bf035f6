/** Keeps count of what becomes of the probes of each member, and the last of them one by one. */

import { type Family, ofFamily } from "../../ipmp/address.ts";
import type { ProbeEvent } from "../../probing/events.ts";
import type { Instance } from "../../probing/instance.ts";
import type { Probe } from "../../probing/probe-ring.ts";
import { averageOf, deviationOf } from "../../probing/round-trip.ts";
import type { UnknownReason } from "../../snapshot/probes.ts";
import { FAMILY_NAMES } from "../groups/family-names.ts";
import type { Member } from "../groups/member.ts";
import type { Clock } from "../process/clock.ts";
import { ProbeLog } from "./probe-log.ts";
import { ProbeTally } from "./probe-tally.ts";

type ProbeChange = Extract<ProbeEvent, { readonly kind: "probe" }>;

const NANOSECONDS_PER_MILLISECOND = 1e6;

const UNKNOWN = {
  "answer-fake": "foreign",
  "answer-duplicate": "duplicate",
  "answer-out-of-window": "out_of_window",
} as const satisfies Partial<Record<ProbeEvent["kind"], UnknownReason>>;

export class Ledger {
  readonly log = new ProbeLog();
  readonly #clock: Clock;
  readonly #memberOf: (key: string) => Member | undefined;
  readonly #tallies = new WeakMap<Member, Record<Family, ProbeTally>>();

  constructor(clock: Clock, memberOf: (key: string) => Member | undefined) {
    this.#clock = clock;
    this.#memberOf = memberOf;
  }

  tallyOf(member: Member, family: Family): ProbeTally {
    const known = this.#tallies.get(member);
    if (known) return ofFamily(known, family);
    const tallies = { v4: new ProbeTally(), v6: new ProbeTally() };
    this.#tallies.set(member, tallies);
    return ofFamily(tallies, family);
  }

  sendFailed(key: string, family: Family): void {
    const member = this.#memberOf(key);
    if (member) this.tallyOf(member, family).sendErrors++;
  }

  enter(event: Extract<ProbeEvent, { readonly kind: "probe" | keyof typeof UNKNOWN }>): void {
    const { instance } = event;
    const member = this.#memberOf(instance.phyint.name);
    if (!member) return;
    const tally = this.tallyOf(member, instance.family);
    if (event.kind === "probe") this.#count(member, tally, event);
    else tally.unknown(UNKNOWN[event.kind]);
  }

  #count(member: Member, tally: ProbeTally, { instance, probe, before }: ProbeChange): void {
    switch (probe.status) {
      case "pending":
        tally.sent++;
        return;
      case "acked":
        tally.acked++;
        tally.roundTrip(probe.receivedAt - probe.sentAt);
        if (before === "lost") tally.late++;
        this.#write(member, instance, probe, true);
        return;
      case "lost":
        tally.lost++;
        this.#write(member, instance, probe, false);
        return;
      default: // a slot is not told of when it becomes unused
    }
  }

  #write(member: Member, { family, prober }: Instance, probe: Probe, isAnswered: boolean): void {
    const { id, target } = probe;
    const since = prober.now - probe.sentAt;
    this.log.append({
      device: member.link.label,
      family: FAMILY_NAMES[family],
      probe: id,
      target: target?.address ?? "",
      sentMs: this.#clock.wallMs() - since / NANOSECONDS_PER_MILLISECOND,
      roundTrip: isAnswered ? probe.processedAt - probe.sentAt : undefined,
      networkRoundTrip: isAnswered ? probe.receivedAt - probe.sentAt : undefined,
      average: target ? averageOf(target.roundTrip) : 0,
      deviation: target ? deviationOf(target.roundTrip) : 0,
    });
  }
}
