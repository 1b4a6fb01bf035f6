/** The life of a probe: sent, then answered or lost, or first one and then the other (mpd_probe.c, probe, probe_chstate). */

import type { Instance } from "./instance.ts";
import type { Probe } from "./probe-ring.ts";
import { sequence } from "./sequence.ts";
import type { ProbeKind } from "./system.ts";
import type { Target } from "./target.ts";
import { after, clockMilliseconds, difference, type Milliseconds, type Nanoseconds } from "./time.ts";

/** Sends one probe and, if it is a judged one, puts it into the ring. */
export function sendProbe(instance: Instance, kind: ProbeKind): void {
  const { prober, targets, phyint, family } = instance;
  const { now: sentAt } = prober.system;
  instance.lastSent = sentAt;
  const outcome = prober.system.send({
    kind,
    interface: phyint.name,
    family,
    sequence: instance.nextSequence,
    target: targetOf(instance, kind)?.address,
    sentAt,
  });
  if (outcome === "failed") prober.tell({ kind: "send-failed", instance });
  if (kind === "rtt") targets.advanceRtt(prober.now);
  if (kind === "uni" && (outcome !== "failed" || prober.deviations.countsSendErrors)) record(instance, sentAt);
}

function targetOf({ targets }: Instance, kind: ProbeKind): Target | undefined {
  switch (kind) {
    case "uni":
      return targets.cursor;
    case "rtt":
      return targets.rttCursor;
    case "multi":
      return undefined;
    default:
      return kind satisfies never;
  }
}

function record(instance: Instance, sentAt: Nanoseconds): void {
  const { prober, ring, targets } = instance;
  const probe = ring.oldest;
  keepCount(instance, probe);
  instance.sent++;
  probe.id = instance.nextSequence;
  probe.sentAt = sentAt;
  probe.target = targets.cursor;
  changeStatus(instance, probe, "pending");
  ring.push();
  targets.advance(prober.now);
  instance.nextSequence = sequence(instance.nextSequence + 1);
}

/** What became of a probe is counted apart from the ring when its slot is needed. */
function keepCount(instance: Instance, { status }: Probe): void {
  if (status === "acked") instance.ackedBefore++;
  if (status === "lost") instance.lostBefore++;
}

function changeStatus(instance: Instance, probe: Probe, status: "pending" | "acked" | "lost"): void {
  const before = probe.status;
  probe.status = status;
  instance.prober.tell({ kind: "probe", instance, probe, before });
}

/** The answer came, perhaps after the probe had been lost. */
export function acknowledge(instance: Instance, probe: Probe): void {
  instance.hasBeenAnswered = true;
  changeStatus(instance, probe, "acked");
}

export function lose(instance: Instance, probe: Probe, at: Milliseconds): void {
  probe.lostAt = at;
  changeStatus(instance, probe, "lost");
}

/** The target of the probe is no more: without an answer until now, it is lost. */
export function loseTarget(instance: Instance, probe: Probe): void {
  if (probe.status === "pending") {
    const { prober } = instance;
    lose(instance, probe, prober.deviations.datesLossOfTarget ? prober.nowMs : probe.lostAt);
  }
  probe.target = undefined;
}

/** When a probe is lost that has no answer by then. */
export function deadlineOf({ phyint }: Instance, { sentAt, target }: Probe): Milliseconds {
  return after(clockMilliseconds(sentAt), target?.roundTrip.conservativeMs || phyint.group.intervalMs);
}

/** Whether its deadline has passed; at the deadline itself the original says no. */
export function isOverdue(instance: Instance, probe: Probe): boolean {
  const { deviations, nowMs } = instance.prober;
  const overdue = difference(deadlineOf(instance, probe), nowMs);
  return deviations.includesDeadlines ? overdue <= 0 : overdue < 0;
}

/** reset_pii_probes: forgets the last probes. Sequence numbers go on. */
export function clearRing(instance: Instance): void {
  const { prober, ring } = instance;
  if (prober.deviations.countsClearedProbes) {
    for (const probe of ring.slots) {
      if (probe.status === "pending") lose(instance, probe, prober.nowMs);
      keepCount(instance, probe);
    }
  }
  ring.clear();
}
