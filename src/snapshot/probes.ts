/** What probes say of a member and of its targets, for the faces that show it. */

import type { HistogramSnapshot } from "./histogram.ts";

/** Of a member, as `ipmpstat -i` has it, and each address family that is probed. */
export interface MemberProbes {
  readonly state: "ok" | "failed" | "unknown" | "disabled";
  /** IPv4 first. */
  readonly families: readonly FamilyProbes[];
}

/** Probed in turn; in reserve; set aside because it answers much later than others, or not at all while others do. */
export const TARGET_STATES = ["active", "unused", "slow", "dead"] as const;

export interface TargetSnapshot {
  readonly address: string;
  readonly state: (typeof TARGET_STATES)[number];
  /** Nanoseconds: the smoothed average; undefined while there is none. */
  readonly roundTrip: number | undefined;
}

/** The probes of one member in one address family. */
export interface FamilyProbes {
  readonly family: "ipv4" | "ipv6";
  /** "none": no socket could be had, and the link alone decides. */
  readonly method: "icmp" | "udp" | "none";
  /** What stands in the way of a better method, and which setting would help; undefined when there is no better one. */
  readonly methodReason: string | undefined;
  readonly testAddress: string;
  /** `ipmpstat -t`: whether routers are probed, whoever answers what is sent to all hosts, or nobody now, as while it is offline. */
  readonly mode: "routes" | "multicast" | "disabled";
  /** The next to be probed first; while nobody is, those that would be. */
  readonly targets: readonly TargetSnapshot[];
  /** Undefined where others send the probes, and do not tell. */
  readonly counts: ProbeCounts | undefined;
}

export const UNKNOWN_REASONS = ["foreign", "duplicate", "out_of_window"] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** Since the member joined, or the program began. None of them falls. */
export interface ProbeCounts {
  readonly sent: number;
  readonly acked: number;
  /** Also those that were answered late. */
  readonly lost: number;
  /** Answered after they had counted as lost. */
  readonly late: number;
  readonly sendErrors: number;
  /** Answers that no probe waits for, by reason. */
  readonly unknown: Readonly<Record<UnknownReason, number>>;
  /** Seconds from sending a probe until the kernel received its answer. */
  readonly roundTrips: HistogramSnapshot;
}

/** A probe that was answered or lost: a row of `ipmpstat -p`. One that is answered late has two. */
export interface ProbeOutcome {
  /** Counts from 1. */
  readonly id: number;
  readonly device: string;
  readonly family: "ipv4" | "ipv6";
  /** Its number, of 16 bits. */
  readonly probe: number;
  readonly target: string;
  /** When it was sent: milliseconds since 1970. */
  readonly sentMs: number;
  /** Nanoseconds until its answer was processed, and until the kernel had received it; undefined when it is lost. */
  readonly roundTrip: number | undefined;
  readonly networkRoundTrip: number | undefined;
  /** Nanoseconds: the target's smoothed average and deviation; 0 before the first sample. */
  readonly average: number;
  readonly deviation: number;
}

/** The last probes that were answered or lost. */
export interface ProbeHistory {
  /** Oldest first; those after `id` when it is given. */
  since(id?: number): readonly ProbeOutcome[];
}
