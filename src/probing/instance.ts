/** One address family of an interface: its test address, its targets and its probes (mpd_tables.h, struct phyint_instance). */

import type { Family } from "../ipmp/address.ts";
import { otherFamily, type Phyint } from "./phyint.ts";
import { ProbeRing } from "./probe-ring.ts";
import type { Prober } from "./prober.ts";
import type { Sequence } from "./sequence.ts";
import { TargetList } from "./target-list.ts";
import { type Milliseconds, type Nanoseconds, nanoseconds } from "./time.ts";

/** PI_QUIET: lost probes fail no interface for so long after it appears, because a switch may still be working out its spanning tree. */
const QUIET = nanoseconds(40_000);

/** The addresses that it was last seen to have. */
export interface KnownAddresses {
  readonly dataUp: boolean;
  readonly test: boolean;
  /** Flags of the interface when the test address was seen. */
  readonly flags: number;
}

export class Instance {
  readonly phyint: Phyint;
  readonly family: Family;
  known: KnownAddresses = { dataUp: false, test: false, flags: 0 };
  /** PROBE_ENABLED: its socket is open on a test address, and its timer runs. */
  isOn = false;
  /** When it last sent a probe. A new instance counts as one that has just sent, because who was here before it may have. */
  lastSent: Nanoseconds;
  /** When its timer is due. */
  next: Milliseconds = 0;
  /** Its last probe was left out because it was so late that the next one is due soon. That one is sent, however late it is. */
  isPutOff = false;
  /** The regular times around which the due times are spread; `judgedBase` are those of judged probes. */
  base: Milliseconds = 0;
  judgedBase: Milliseconds = 0;
  quietUntil: Nanoseconds;
  nextSequence: Sequence = 1;
  highestAnswered: Sequence = 0;
  readonly ring = new ProbeRing();
  readonly targets = new TargetList();
  /** Judged probes sent, and what became of those that are no longer in the ring. */
  sent = 0;
  ackedBefore = 0;
  lostBefore = 0;
  /** A judged probe was answered since the instance appeared. */
  hasBeenAnswered = false;
  /** Answers that belong to no probe that waits for them. */
  unknown = 0;

  constructor(phyint: Phyint, family: Family) {
    this.phyint = phyint;
    this.family = family;
    this.quietUntil = phyint.group.prober.now + QUIET;
    this.lastSent = phyint.group.prober.now;
  }

  get prober(): Prober {
    return this.phyint.group.prober;
  }

  /** PROBE_CAPABLE: it has somebody to probe. */
  get isCapable(): boolean {
    return this.isOn && this.targets.active > 0;
  }

  get hasAddress(): boolean {
    return this.known.dataUp || this.known.test;
  }

  /** The same interface's instance of the other family. */
  get other(): Instance | undefined {
    return this.phyint[otherFamily(this.family)];
  }

  /** Judged probes: how many were sent, answered, lost, are under way, and the answers that nobody waited for. */
  get counts(): { sent: number; acked: number; lost: number; pending: number; unknown: number } {
    return {
      sent: this.sent,
      acked: this.ackedBefore + this.ring.count("acked"),
      lost: this.lostBefore + this.ring.count("lost"),
      pending: this.ring.count("pending"),
      unknown: this.unknown,
    };
  }
}

/** Closes its socket and stops its timer. What it knows of targets and probes stays. */
export function switchOff(instance: Instance): void {
  instance.isOn = false;
}
