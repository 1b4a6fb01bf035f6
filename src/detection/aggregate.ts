/**
 * Who works in a bond, a team, or a LAG of a device: decided by the bond itself, whose monitor and choice the flags of its slaves follow. Link-based
 * detection would only contradict it. Where the bond monitors nothing, the links themselves count.
 */

import { activeAggregator, judgeAttachment, judgeLacp, type LacpPort, type LacpVerdict } from "./lacp.ts";
import { isFunctioning, type Verdict, type Verdicts } from "./link-based.ts";

/** What the system says of the whole. */
export interface AggregateObservation {
  readonly kind: "bond" | "team" | "lag";
  readonly name: string;
  /** Mode in the kernel's words; undefined where nobody says. */
  readonly mode: string | undefined;
  /** What watches the slaves' links; undefined where nobody says. */
  readonly monitor: "mii" | "arp" | "none" | undefined;
  readonly adminUp: boolean;
  readonly running: boolean;
  /** Slaves in use without which it takes its own carrier away. */
  readonly minLinks: number | undefined;
  /** Whether a slave is configured as the one to prefer. */
  readonly hasPrimary: boolean;
  /** The LACP aggregator in use, as the bond told it last. */
  readonly activeAggregator: number | undefined;
}

/** What the system says of one slave. Undefined: it does not say. */
export interface PortObservation extends LacpPort {
  /** Tells the port from the others, and is the same for as long as it is one. */
  readonly key: string;
  readonly adminUp: boolean;
  readonly running: boolean;
  /** if_mpadm -d. */
  readonly offlined: boolean;
  /** The bond's monitor; where there is none to ask, the link itself counts. */
  readonly miiStatus: "up" | "going down" | "down" | "going back" | undefined;
  /** Whether it is the currently active slave, in modes that have one. */
  readonly isActive: boolean;
  readonly isPrimary: boolean;
}

/** Modes that use one link at a time: of a bond, and of a team. */
export const ONE_ACTIVE: ReadonlySet<string> = new Set<string>(["active-backup", "activebackup"]);

/** What a link is to be that LACP keeps for another aggregator: a standby, or a fault in the cabling. */
export type OtherAggregator = "standby" | "failed";

interface Judged extends PortObservation {
  readonly mii: NonNullable<PortObservation["miiStatus"]>;
  /** Of a bond in mode 802.3ad. */
  readonly lacp: LacpVerdict | undefined;
}

interface Row {
  readonly when: (port: Judged, aggregate: AggregateObservation) => boolean;
  readonly is: "offline" | "failed" | "inactive" | "unknown" | "unchanged" | "active";
  /** Why it is not active, for people. */
  readonly why?: string | ((port: Judged, aggregate: AggregateObservation) => string);
}

/** The first row that fits decides. */
const ROWS: readonly Row[] = [
  { when: ({ offlined }) => offlined, is: "offline", why: "taken offline by request" },
  { when: ({ adminUp }) => !adminUp, is: "offline", why: "administratively down" },
  {
    when: ({ running }, { monitor }) => monitor === "none" && !running,
    is: "failed",
    why: "link down, which this bond does not monitor",
  },
  {
    when: ({ mii, running }) => mii === "down" && running,
    is: "failed",
    why: "link up, but down to the bond's monitor",
  },
  { when: ({ mii }) => mii === "down", is: "failed", why: "link down" },
  { when: ({ mii }) => mii === "going back", is: "failed", why: "link up, the bond's up delay is running" },
  { when: ({ mii }) => mii === "going down", is: "unchanged" },
  {
    when: ({ isActive }, { mode }) => mode === "active-backup" && !isActive,
    is: "inactive",
    why: "backup",
  },
  { when: ({ role }, { kind }) => kind === "team" && role === undefined, is: "unknown", why: "active port not known" },
  { when: ({ role }, { mode }) => mode === "activebackup" && role === "backup", is: "inactive", why: "backup" },
  { when: ({ role }, { kind }) => kind === "team" && role === "backup", is: "failed", why: "not enabled by teamd" },
  { when: ({ lacp }) => lacp?.is === "failed", is: "failed", why: ({ lacp }) => lacp?.why ?? "" },
  { when: ({ lacp }) => lacp?.is === "standby", is: "inactive", why: ({ lacp }) => lacp?.why ?? "" },
  { when: (_, { adminUp }) => !adminUp, is: "inactive", why: (_, { name }) => `${name} is administratively down` },
  { when: (_, { running }) => !running, is: "inactive", why: (_, aggregate) => whyNoCarrier(aggregate) },
  { when: () => true, is: "active" },
];

function whyNoCarrier({ name, minLinks = 0 }: AggregateObservation): string {
  return `${name} has no carrier${minLinks > 1 ? `: fewer than ${minLinks} links` : ""}`;
}

/** The verdicts that follow from what is seen now; the last ones count only while a downdelay runs. */
export function detectPorts(
  previous: Verdicts,
  aggregate: AggregateObservation,
  ports: readonly PortObservation[],
  otherAggregator: OtherAggregator,
): Verdicts {
  const inUse = activeAggregator(aggregate.activeAggregator, ports);
  const lacpOf = (port: PortObservation): LacpVerdict | undefined => {
    if (aggregate.mode !== "802.3ad") return undefined;
    const verdict = aggregate.kind === "lag" ? judgeAttachment(port) : judgeLacp(port, inUse);
    return verdict.is === "standby" ? { ...verdict, is: otherAggregator } : verdict;
  };
  return new Map(
    ports.map((port) => {
      const mii = miiOf(port, aggregate);
      return [port.key, judge({ ...port, mii, lacp: lacpOf(port) }, aggregate, previous.get(port.key))];
    }),
  );
}

/** A bond without a monitor says "up" for ever. */
function miiOf({ miiStatus, running }: PortObservation, { monitor }: AggregateObservation): Judged["mii"] {
  const link = running ? "up" : "down";
  return monitor === "none" ? link : (miiStatus ?? link);
}

function judge(port: Judged, aggregate: AggregateObservation, last: Verdict | undefined): Verdict {
  const row = ROWS.find(({ when }) => when(port, aggregate));
  if (row?.is === "unchanged") {
    if (last && isFunctioning(last)) return { ...last, running: port.running };
    return judge({ ...port, mii: "up" }, aggregate, last); // first seen like this: as if it were up
  }
  const works = row?.is === "active" || row?.is === "inactive" || row?.is === "unknown";
  return {
    running: port.running,
    failed: row?.is === "failed",
    offline: row?.is === "offline",
    inactive: row?.is === "inactive",
    unknown: row?.is === "unknown",
    standby: isStandby(port, aggregate, works),
    why: typeof row?.why === "function" ? row.why(port, aggregate) : row?.why,
  };
}

/** A standby is whoever is not the primary; where none is configured, whoever waits. */
function isStandby(port: PortObservation, { mode = "", hasPrimary }: AggregateObservation, works: boolean): boolean {
  if (!ONE_ACTIVE.has(mode)) return false;
  return hasPrimary ? !port.isPrimary : works && !port.isActive;
}
