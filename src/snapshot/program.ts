/** What the program knew of itself at the instant of a snapshot: which sources answer, and how saving, the engine and the SNMP agent fare. */

import type { PrintedKstat } from "../kstat/printed-kstat.ts";
import type { PrintedTables } from "../link/printed-tables.ts";

export interface SourceSnapshot {
  /** "local" for this host. */
  readonly name: string;
  /** How it learns about links: "netlink", "procfs", "illumos", "snmp". */
  readonly kind: string;
  /** Whether links hand over their last counters when they go. */
  readonly deliversEvents: boolean;
  /** Times events were lost and everything had to be read again. */
  readonly gaps: bigint;
  /** Times the counters of all links were read. */
  readonly reads: bigint;
  /** Whether it answered everything that it was last asked. */
  readonly up: boolean;
  /** Why it did not, for people. */
  readonly cause?: string | undefined;
  /** Polls that it made by itself, by outcome: "answered", or a word for the kind of failure. */
  readonly polls: Readonly<Record<string, bigint>>;
  /** When such a poll was last answered, in milliseconds since 1970. */
  readonly lastSuccessMs: number | undefined;
  /** What a system with IPMP of its own says of it. */
  readonly account?: AccountSnapshot | undefined;
}

/** IPMP as the system's own commands printed it. */
export interface AccountSnapshot {
  readonly tables: PrintedTables;
  readonly kstats: readonly PrintedKstat[];
  /** Interfaces outside of groups that in.mpathd watches all the same. */
  readonly anonymousInterfaces: number;
  /** Warnings on standard error of commands that answered otherwise, since the start. */
  readonly warnings: bigint;
}

export interface EngineSnapshot {
  /** Joins that the vetting refused, by errno. */
  readonly joinsRefused: Readonly<Record<string, bigint>>;
  /** DL_NOTE_* sent to meta-interfaces. */
  readonly linkNotes: Readonly<Record<string, bigint>>;
  /** RTM_* sent to listeners on the routing socket. */
  readonly routingMessages: Readonly<Record<string, bigint>>;
}

export interface SnmpSnapshot {
  /** Datagrams that came. */
  readonly packets: bigint;
  readonly responses: bigint;
  /** Datagrams that were not served, by reason. */
  readonly refused: Readonly<Record<string, bigint>>;
  readonly notificationsSent: bigint;
  /** Given up because too many wait for a receiver, or because no master agent is there to pass them on. */
  readonly notificationsDropped: bigint;
  readonly informsUnacknowledged: bigint;
  /** Every address of the configuration, and whether it is listened on: not while this host does not have it. */
  readonly listening: readonly { readonly address: string; readonly open: boolean }[];
  /** Whether a master agent has our rows; undefined when there is to be none. */
  readonly agentxConnected: boolean | undefined;
}

export interface StateSnapshot {
  /** Whether the last attempt succeeded. */
  readonly saved: boolean;
  /** Times that it was written through to the disk, and times that this failed. */
  readonly saves: bigint;
  readonly failures: bigint;
  /** When what is saved was last up to date, in milliseconds since 1970. */
  readonly lastSavedMs: number | undefined;
  /** Why the file found at the start could not be used: "damaged", "foreign", "newer", "unreadable". */
  readonly fault: string | undefined;
  /** Whether there was another file, as good or nearly, to go on with. */
  readonly recovered: boolean;
}

export interface CollectorOutcome {
  readonly name: string;
  readonly success: boolean;
  readonly durationSeconds: number;
}
