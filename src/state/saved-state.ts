/** What survives a restart. How it is written: record.ts for what happened, readings-file.ts for readings alone. */

/** Where the counters of links come from: another boot or another network namespace has other links under the same ifindexes. */
export interface SystemIdentity {
  readonly boot: string;
  readonly namespace: string;
}

export interface SavedState {
  readonly system: SystemIdentity;
  readonly sources: readonly SavedSource[];
  readonly groups: readonly SavedGroup[];
  /** The uplinks as last found (see membership/default-route.ts). */
  readonly uplinks: SavedUplinks | undefined;
  /** SNMP engine: its ID as hex, and how often it has started. Kept over reboots. */
  readonly snmp: { readonly engineId: string; readonly engineBoots: number } | undefined;
}

export interface SavedSource {
  readonly name: string;
  /** What tells one run of its system from another; undefined of this host, whose boot and namespace stand above. */
  readonly identity?: string | undefined;
  /** Names of the statistics in `counters` and `seen` of its links' readings, in their order. */
  readonly statistics: readonly string[];
}

export interface SavedUplinks {
  readonly source: "route" | "default";
  /** How they were found: 1 multipath route, 2 single-path routes, 3 links with a device. */
  readonly rank: 1 | 2 | 3;
  /** ifindexes of links of this host. */
  readonly members: readonly number[];
}

export interface SavedGroup {
  readonly name: string;
  readonly ifname: string;
  readonly ifindex: number;
  /** Nanoseconds since boot. */
  readonly crtime: bigint;
  readonly state: "ok" | "degraded" | "failed";
  /** Nanoseconds since boot. */
  readonly stateSince: bigint;
  /** Nanoseconds in each state until `stateSince`. */
  readonly stateTime: Readonly<Record<"ok" | "degraded" | "failed", bigint>>;
  readonly failovers: bigint;
  /** Milliseconds since 1970. */
  readonly lastFailoverMs: number | undefined;
  /** Labels of members whose links are gone. */
  readonly vanished: readonly string[];
  readonly health: readonly SavedHealth[];
  /** gr_kstats0: the statistics of kstat/net.ts, in their order. */
  readonly departed: BigUint64Array;
  readonly members: readonly SavedMember[];
}

export interface SavedHealth {
  /** Label of a link that is, or was, a member. */
  readonly device: string;
  /** How often, by reason: "link", "probe". */
  readonly failures: Readonly<Record<string, bigint>>;
  readonly repairs: Readonly<Record<string, bigint>>;
}

/** IFF_* by which in.mpathd says what it makes of an interface. */
export type SavedFlag = "FAILED" | "OFFLINE" | "INACTIVE" | "STANDBY";

export interface SavedMember {
  /** Name of the source that reads the link. */
  readonly source: string;
  readonly device: string;
  readonly ifindex: number;
  readonly lladdr: string;
  /** When the link's counters began, and when it joined: nanoseconds since boot. */
  readonly crtime: bigint;
  readonly joinedAt: bigint;
  readonly offlined: boolean;
  /** Those that its interface had, as in.mpathd finds them in the kernel when it is started again; undefined where they were not saved. */
  readonly flags?: readonly SavedFlag[] | undefined;
  /** What probes said against it; undefined: nothing. */
  readonly probeFailure?: string | undefined;
  /** What has to be known of a link of another system until that answers; undefined of a link of this host, which is listed at once. */
  readonly elsewhere?: SavedAttributes | undefined;
  /** phyint_kstats0: the statistics of kstat/net.ts, in their order. */
  readonly baseline: BigUint64Array;
  /**
   * What of a member changes with every look at the links. In a state that is to be saved this is the link's own object, which
   * goes on changing: readings are saved more often than the rest.
   */
  readonly reading: SavedReading;
}

export interface SavedAttributes {
  readonly running: boolean;
  readonly adminUp: boolean;
  /** Bytes. */
  readonly mtu: number;
  /** Bits per second. */
  readonly speedBitsPerSecond?: number | undefined;
  /** ifindex of the link aggregation that it is part of. */
  readonly masterIfindex?: number | undefined;
  readonly masterName?: string | undefined;
  /** Width of each counter, 0 of one that it does not have; undefined where the source says it of all. */
  readonly bits?: readonly (0 | 32 | 64)[] | undefined;
}

export interface SavedReading {
  /** The link's settled counters, and the source's own numbers that they rest on, when last read. */
  readonly counters: BigUint64Array;
  readonly seen: BigUint64Array;
  /** When that was: nanoseconds since boot. */
  readonly seenAt: bigint;
  /** Another number whenever `counters` or `seen` may have changed; undefined where nobody counts that. */
  readonly changes?: number;
}

/** The readings of all members, in the order in which they are written. */
export function readingsOf({ groups }: SavedState): SavedReading[] {
  return groups.flatMap(({ members }) => members.map(({ reading }) => reading));
}
