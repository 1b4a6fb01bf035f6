/**
 * Who works in a bond or a team: decided by the bond itself, whose monitor and choice the flags of its slaves follow. Link-based
 * detection would only contradict it.
 */

import { isFunctioning, type Verdict, type Verdicts } from "./link-based.ts";

/** What the system says of the whole. */
export interface AggregateObservation {
  /** Bonding mode in the kernel's words; undefined where nobody says. */
  readonly mode: string | undefined;
  /** Whether a slave is configured as the one to prefer. */
  readonly hasPrimary: boolean;
}

/** What the system says of one slave. Undefined: it does not say. */
export interface PortObservation {
  readonly device: string;
  readonly adminUp: boolean;
  readonly running: boolean;
  /** if_mpadm -d. */
  readonly offlined: boolean;
  /** The bond's monitor; where there is none to ask, the link itself counts. */
  readonly miiStatus: "up" | "going down" | "down" | "going back" | undefined;
  /** Whether it is the currently active slave, in modes that have one. */
  readonly isActive: boolean;
  readonly isPrimary: boolean;
  /** 802.3ad: whether LACP uses it. */
  readonly isDistributing: boolean;
}

interface Row {
  readonly when: (port: PortObservation & { readonly mii: string }, mode: string | undefined) => boolean;
  readonly is: "offline" | "failed" | "inactive" | "unchanged" | "active";
  /** Why it is not active, for people. */
  readonly why?: string;
}

/** The first row that fits decides. */
const ROWS: readonly Row[] = [
  { when: ({ offlined }) => offlined, is: "offline", why: "taken offline by request" },
  { when: ({ adminUp }) => !adminUp, is: "offline", why: "administratively down" },
  {
    when: ({ mii, running }) => mii === "down" && running,
    is: "failed",
    why: "link up, but down to the bond's monitor",
  },
  { when: ({ mii }) => mii === "down", is: "failed", why: "link down" },
  { when: ({ mii }) => mii === "going back", is: "failed", why: "link up, the bond's up delay is running" },
  { when: ({ mii }) => mii === "going down", is: "unchanged" },
  { when: ({ isActive }, mode) => mode === "active-backup" && !isActive, is: "inactive", why: "backup" },
  {
    when: ({ isDistributing }, mode) => mode === "802.3ad" && !isDistributing,
    is: "inactive",
    why: "not used by LACP: in another aggregator, or not in agreement with its partner",
  },
  { when: () => true, is: "active" },
];

/** The verdicts that follow from what is seen now; the last ones count only while a downdelay runs. */
export function detectPorts(
  previous: Verdicts,
  aggregate: AggregateObservation,
  ports: readonly PortObservation[],
): Verdicts {
  return new Map(ports.map((port) => [port.device, judge(port, aggregate, previous.get(port.device))]));
}

function judge(port: PortObservation, aggregate: AggregateObservation, last: Verdict | undefined): Verdict {
  const mii = port.miiStatus ?? (port.running ? "up" : "down");
  const row = ROWS.find(({ when }) => when({ ...port, mii }, aggregate.mode));
  if (row?.is === "unchanged") {
    if (last && isFunctioning(last)) return { ...last, running: port.running };
    return judge({ ...port, miiStatus: "up" }, aggregate, last); // first seen like this: as if it were up
  }
  const works = row?.is === "active" || row?.is === "inactive";
  return {
    running: port.running,
    failed: row?.is === "failed",
    offline: row?.is === "offline",
    inactive: row?.is === "inactive",
    standby: isStandby(port, aggregate, works),
    why: row?.why,
  };
}

/** A standby is whoever is not the primary; where none is configured, whoever waits. */
function isStandby(port: PortObservation, { mode, hasPrimary }: AggregateObservation, works: boolean): boolean {
  if (mode !== "active-backup") return false;
  return hasPrimary ? !port.isPrimary : works && !port.isActive;
}

/** What LACP says of one port. */
export interface LacpPort {
  readonly role: "active" | "backup" | undefined;
  readonly aggregator: number | undefined;
}

/**
 * The aggregator in use. A port that carries traffic is in it; the bond's own word comes second, because the kernel tells of a
 * port's role as it changes, and of the aggregator only with the next news of the bond.
 */
export function activeAggregator(told: number | undefined, ports: readonly LacpPort[]): number | undefined {
  return ports.find(({ role }) => role === "active")?.aggregator ?? told;
}

/** Whether LACP uses a port: by its role, or where that is not told, by its aggregator. */
export function isDistributing(port: LacpPort, active: number | undefined): boolean {
  if (port.role !== undefined) return port.role === "active";
  return active === undefined || port.aggregator === active;
}
