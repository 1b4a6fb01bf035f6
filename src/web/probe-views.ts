/** Probes in the JSON of `/api/v1`: of members as they are, and the last of them one by one. Durations are whole nanoseconds. */

import type { FamilyProbes, MemberProbes, ProbeCounts, ProbeHistory, ProbeOutcome } from "../snapshot/probes.ts";
import { timestamp } from "./json-values.ts";

export function memberProbesView({ state, families }: MemberProbes) {
  return { state, families: families.map(familyView) };
}

function familyView({ family, method, methodReason, testAddress, mode, targets, counts }: FamilyProbes) {
  return {
    family,
    method,
    method_reason: methodReason ?? null,
    test_address: testAddress,
    mode,
    targets: targets.map(({ address, state, roundTrip }) => ({ address, state, round_trip_ns: roundTrip ?? null })),
    counts: counts === undefined ? null : countsView(counts),
  };
}

function countsView({ sent, acked, lost, late, sendErrors, unknown }: ProbeCounts) {
  return { sent, acked, lost, late, send_errors: sendErrors, unknown };
}

/** `last_id` is the one to ask for next; it begins anew with the program. */
export function probeHistoryView(history: ProbeHistory, since: number) {
  const probes = history.since(since);
  return { last_id: probes.at(-1)?.id ?? since, probes: probes.map(outcomeView) };
}

function outcomeView(outcome: ProbeOutcome) {
  const { id, device, family, probe, target, sentMs, roundTrip, networkRoundTrip, average, deviation } = outcome;
  return {
    id,
    device,
    family,
    probe,
    target,
    sent: timestamp(sentMs),
    outcome: roundTrip === undefined ? "lost" : "acked",
    round_trip_ns: roundTrip ?? null,
    network_round_trip_ns: networkRoundTrip ?? null,
    round_trip_average_ns: average,
    round_trip_deviation_ns: deviation,
  };
}
