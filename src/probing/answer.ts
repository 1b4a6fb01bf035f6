/** An answer to a probe: whose it is, what it measures, what it proves (mpd_probe.c, incoming_echo_reply and its like). */

import type { Family, IpAddress } from "../ipmp/address.ts";
import { takeSample, takeShorterSample } from "./detection-time.ts";
import { shareTarget } from "./discovery.ts";
import type { UnknownAnswer } from "./events.ts";
import type { Instance } from "./instance.ts";
import { acknowledge } from "./probe.ts";
import { isInWindow, type Probe, RING_SLOTS } from "./probe-ring.ts";
import { ahead, type Sequence } from "./sequence.ts";
import type { ProbeKind } from "./system.ts";
import { ACTIVE_MAX } from "./target-list.ts";
import { type Nanoseconds, wholeMilliseconds } from "./time.ts";

/** An echo reply with our identifier, from the interface and family that its probe was sent from. */
export interface Answer {
  readonly interface: string;
  readonly family: Family;
  readonly kind: ProbeKind;
  readonly sequence: Sequence;
  readonly from: IpAddress;
  /** From the packet: when the probe was sent. */
  readonly sentAt: Nanoseconds;
  /** How long ago the system received it. */
  readonly age: Nanoseconds;
}

/** An answer by a link that is down is left over from before, and proves nothing. */
export function receiveAnswer(instance: Instance, answer: Answer): void {
  if (!instance.phyint.linkUp) return;
  switch (answer.kind) {
    case "uni":
      receiveJudged(instance, answer);
      return;
    case "rtt":
      receiveMeasured(instance, answer);
      return;
    case "multi":
      receiveFound(instance, answer);
      return;
    default:
      answer.kind satisfies never;
  }
}

function receiveFound(instance: Instance, { from }: Answer): void {
  const { targets } = instance;
  if (!targets.isEmpty && (targets.ofRouters || targets.active === ACTIVE_MAX)) return;
  shareTarget(instance, from, "host");
}

function receiveMeasured(instance: Instance, answer: Answer): void {
  const target = instance.targets.find(answer.from);
  const sample = sampleOf(instance, answer);
  if (target === undefined || sample < 0 || !measures(instance)) return;
  takeShorterSample(instance, target, sample);
}

function sampleOf({ prober }: Instance, { sentAt, age }: Answer): Nanoseconds {
  const sample = prober.now - sentAt;
  // What the wall clock makes of the age must not turn it negative.
  return prober.deviations.measuresNetwork && sample >= 0 ? Math.max(0, sample - age) : sample;
}

/** Round trips are kept while the interface works: what is measured else may say more about the fault than about the target. */
function measures({ phyint }: Instance): boolean {
  return phyint.state === "running" && !phyint.group.hasFailed;
}

function receiveJudged(instance: Instance, answer: Answer): void {
  const { prober, ring } = instance;
  const { sequence, sentAt, from } = answer;
  if (!isInWindow(sequence, instance.nextSequence)) {
    refuse(instance, answer, "answer-out-of-window", undefined);
    return;
  }
  const sample = sampleOf(instance, answer);
  if (sample < 0) prober.tell({ kind: "rtt-negative", now: prober.now, sentAt });
  const probe = ring.newest(-ahead(sequence, instance.nextSequence));
  const { target } = probe;
  if (target === undefined && probe.status !== "unused") {
    instance.unknown++; // its target was deleted: nobody's fault
  } else if (target?.address !== from) {
    refuse(instance, answer, "answer-fake", probe);
  } else if (probe.status === "acked") {
    refuse(instance, answer, "answer-duplicate", probe);
  } else {
    if (isSample(instance, probe, sample, answer)) takeSample(instance, target, sentAt, sample);
    probe.processedAt = prober.now;
    probe.receivedAt = probe.sentAt + wholeMicroseconds(prober.now - answer.age) - wholeMicroseconds(probe.sentAt);
    acknowledge(instance, probe);
    const highest = instance.highestAnswered;
    if (!isInWindow(highest, instance.nextSequence) || ahead(sequence, highest) > 0)
      instance.highestAnswered = sequence;
  }
}

function refuse(
  instance: Instance,
  { sequence, from }: Answer,
  kind: UnknownAnswer["kind"],
  probe: Probe | undefined,
): void {
  instance.prober.tell({ kind, instance, sequence, from, probe });
  instance.unknown++;
}

function isSample(instance: Instance, probe: Probe, sample: Nanoseconds, { sequence }: Answer): boolean {
  const { prober, phyint, ring } = instance;
  if (sample < 0 || wholeMilliseconds(sample) > RING_SLOTS * phyint.group.intervalMs || !measures(instance))
    return false;
  if (prober.deviations.ignoresLateSamples && probe.status === "lost") return false;
  // The round trips of answers that overtook each other are no round trips of now.
  const rank = -ahead(sequence, instance.nextSequence);
  for (let later = 1; later < rank; later++) {
    const { status, target } = ring.newest(later);
    if (status === "acked" && target === probe.target) return false;
  }
  return true;
}

/** The system's receive time is of wall-clock time in microseconds (SO_TIMESTAMP), so both ends of the difference are. */
function wholeMicroseconds(time: Nanoseconds): Nanoseconds {
  return Math.floor(time / 1000) * 1000;
}
