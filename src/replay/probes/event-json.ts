/** The machine's events as the elements of a trace's `ev`: each an array that begins with its kind. */

import type { Family } from "../../ipmp/address.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { ProbeEvent, UnknownAnswer } from "../../probing/events.ts";
import type { Instance } from "../../probing/instance.ts";
import { PHYINT_STATES, type Phyint, type PhyintState } from "../../probing/phyint.ts";
import type { Probe, ProbeStatus } from "../../probing/probe-ring.ts";
import { averageOf, deviationOf, UNKNOWN } from "../../probing/round-trip.ts";
import type { ProbePacket, SendOutcome } from "../../probing/system.ts";
import { quote, quoteAll } from "../json.ts";

/** An array as JSON: text is quoted, undefined is null. */
function row(...cells: readonly (string | number | undefined)[]): string {
  return `[${cells.map((cell) => (cell === undefined ? "null" : typeof cell === "string" ? quote(cell) : cell)).join(",")}]`;
}

/** Flags by name, in the order in which traces list them. */
export const FLAG_BITS: ReadonlyMap<string, number> = new Map([
  ["standby", PHYI.STANDBY],
  ["inactive", PHYI.INACTIVE],
  ["failed", PHYI.FAILED],
  ["offline", PHYI.OFFLINE],
  ["running", PHYI.RUNNING],
]);

export function flagsArray(flags: number): string {
  const names = [...FLAG_BITS].filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
  return quoteAll(names);
}

export function instanceName({ phyint, family }: Instance): string {
  return `${phyint.name}/${family}`;
}

export function flagsJson(name: string, flags: number): string {
  return `["flags",${quote(name)},${flagsArray(flags)}]`;
}

export function packetJson(
  { kind, interface: name, family, sequence, target }: ProbePacket,
  outcome: SendOutcome,
): string {
  const cells = ["tx", `${name}/${family}`, kind, sequence, target];
  return outcome === "sent" ? row(...cells) : row(...cells, outcome === "blocked" ? "block" : "fail");
}

/** Group names that end a line: none for the anonymous group. */
function named(phyint: Phyint): string[] {
  return phyint.group.isAnonymous ? [phyint.name] : [phyint.name, phyint.group.name];
}

const SHOWN_STATE: Readonly<Record<PhyintState, (phyint: Phyint) => string>> = {
  init: () => "unknown",
  notargets: (phyint) => (phyint.has("FAILED") ? "failed" : "unknown"),
  running: () => "ok",
  failed: () => "failed",
  offline: () => "offline",
};

function stateCells(phyint: Phyint): (string | number)[] {
  const type = phyint.has("STANDBY") ? "standby" : "normal";
  return [type, SHOWN_STATE[phyint.state](phyint), phyint.group.signature];
}

const STATUS_NAMES: Readonly<Record<ProbeStatus, string>> = {
  unused: "unused",
  pending: "sent",
  acked: "acked",
  lost: "lost",
};
const STATUS_NUMBERS: Readonly<Record<ProbeStatus, number>> = { unused: 0, pending: 1, acked: 2, lost: 3 };

function probeJson(instance: Instance, probe: Probe): string {
  const { target, status, sentAt } = probe;
  const roundTrip = target?.roundTrip ?? UNKNOWN;
  const cells = ["probe", instanceName(instance), probe.id, STATUS_NAMES[status], target?.address];
  const times = status === "acked" ? [probe.processedAt - sentAt, probe.receivedAt - sentAt] : [];
  return row(...cells, averageOf(roundTrip), deviationOf(roundTrip), ...times);
}

const FAMILY_NAMES: Readonly<Record<Family, string>> = { v4: "inet", v6: "inet6" };

type Event<K extends ProbeEvent["kind"]> = Extract<ProbeEvent, { readonly kind: K }>;

export function eventJson(event: ProbeEvent): string {
  switch (event.kind) {
    case "group-added":
    case "group-removed": {
      const { name, signature } = event.group;
      return row("gchange", name, event.kind === "group-added" ? "add" : "remove", signature, event.listSignature);
    }
    case "group-state":
      return row("gstate", event.group.name, event.group.state, event.group.signature);
    case "member-added":
    case "member-removed": {
      const { phyint } = event;
      const operation = event.kind === "member-added" ? "add" : "remove";
      return row("member", phyint.group.name, operation, phyint.name, ...stateCells(phyint));
    }
    case "interface-state":
      return row("state", event.phyint.group.name, event.phyint.name, ...stateCells(event.phyint));
    case "probe":
      return probeJson(event.instance, event.probe);
    case "address-duplicate":
    case "address-unique":
    case "link-down":
    case "link-up":
    case "flapping":
      return row("log", "err", event.kind, event.phyint.name);
    case "repair":
    case "failure":
      return row("log", "err", event.kind, ...named(event.phyint));
    case "group-unusable":
      return row("log", "err", event.kind, event.group.name);
    case "group-usable":
      return row("log", "err", event.kind, event.phyint.name, event.group.name);
    case "send-failed":
      return row("log", "err", "send", instanceName(event.instance));
    case "foreign-offline":
      return row("log", "err", event.kind, event.phyint.name, PHYINT_STATES.indexOf(event.phyint.state));
    case "rtt-negative":
      return row("log", "err", event.kind, event.now, event.sentAt);
    case "fdt-raised":
    case "fdt-lowered":
      return detectionTimeJson(event);
    case "family-removed":
      return row("log", "info", "removed", FAMILY_NAMES[event.instance.family], event.instance.phyint.name);
    case "missed":
      return row("log", "info", "missed", event.count);
    case "answer-out-of-window":
    case "answer-fake":
    case "answer-duplicate":
      return unknownAnswerJson(event);
    default:
      return event satisfies never;
  }
}

function detectionTimeJson({ kind, instance, by }: Event<"fdt-raised" | "fdt-lowered">): string {
  const { phyint, family, prober } = instance;
  const { group } = phyint;
  const end = [FAMILY_NAMES[family], phyint.name, group.name];
  const level = by === "rtt" ? "err" : "info";
  return kind === "fdt-raised"
    ? row("log", level, kind, prober.settings.failureDetectionTimeMs, ...end, group.failureDetectionTimeMs)
    : row("log", level, kind, group.failureDetectionTimeMs, ...end);
}

const UNKNOWN_NAMES: Readonly<Record<UnknownAnswer["kind"], string>> = {
  "answer-out-of-window": "window",
  "answer-fake": "fake",
  "answer-duplicate": "duplicate",
};

function unknownAnswerJson({ kind, instance, sequence, from, probe }: UnknownAnswer): string {
  const status = probe === undefined ? [] : [STATUS_NUMBERS[probe.status]];
  return row(
    "log",
    "info",
    UNKNOWN_NAMES[kind],
    ...status,
    sequence,
    instance.nextSequence,
    instance.phyint.name,
    from,
  );
}
