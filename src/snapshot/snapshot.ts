/**
 * What the program knew at one instant. Every face (Prometheus, SNMP, the page, the command line) renders this and computes
 * nothing of its own, so that whatever they say about one instant is the same.
 *
 * Arrays of counters hold the 15 network statistics in the order of NET_STATISTICS, each in 64 bits; link_up is 0 in them.
 */

import type { DomainKind, FailureDomain } from "../fate/failure-domain.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import type { KstatReading } from "../kstat/kstat.ts";
import type { NetStatistic } from "../kstat/net.ts";
import type { AggregateKind, BondMonitor, LacpRate } from "../link/aggregate.ts";
import type { LinkAddress } from "../link/link-address.ts";
import type { LinkAttributes } from "../link/link-attributes.ts";
import type { LinkId } from "../link/link-id.ts";
import type { Transition } from "./event.ts";
import type { HistogramSnapshot } from "./histogram.ts";
import type { MemberProbes } from "./probes.ts";
import type { CollectorOutcome, EngineSnapshot, SnmpSnapshot, SourceSnapshot, StateSnapshot } from "./program.ts";
import type { SupposedFailure } from "./supposition.ts";

export interface Snapshot {
  /** When it was taken. */
  readonly at: Hrtime;
  /** When the counters were last read, which may be earlier. */
  readonly countersAt: Hrtime;
  /** The same instant for people and timestamps: milliseconds since 1970, on a clock that may step. */
  readonly wallMs: number;
  /** When this process began to serve: the zero of sysUpTime. */
  readonly startedAt: Hrtime;
  /** Sorted by name. */
  readonly groups: readonly GroupSnapshot[];
  /** How many groups are in each state. */
  readonly counts: Readonly<Record<GroupState, number>>;
  /** Every link of every source, sorted by ifindex. */
  readonly links: readonly LinkSnapshot[];
  /** Statistics that some source provides; the others are absent, which is not zero. */
  readonly supported: ReadonlySet<NetStatistic>;
  /** Which sources answer. */
  readonly sources: readonly SourceSnapshot[];
  /** One entry per part of the collection that can fail by itself. */
  readonly collectors: readonly CollectorOutcome[];
  /** Readings that could not be continued, by label of the link (`device`) and reason, since the start. */
  readonly resets: readonly { readonly device: string; readonly reason: string; readonly count: bigint }[];
  /** What the engine has said to the rest of IP since the start, by kind. */
  readonly engine?: EngineSnapshot | undefined;
  /** How the saving of the state fares; undefined when nothing is kept. */
  readonly state?: StateSnapshot | undefined;
  /** Whether every group added up when last checked, and how often one did not. */
  readonly audit?: { readonly ok: boolean; readonly violations: bigint } | undefined;
  /** What the SNMP agent has done since the start; undefined before there is one. */
  readonly snmp?: SnmpSnapshot | undefined;
  /** What is supposed to have failed; undefined: this is how things are. Counters are those of now either way. */
  readonly without?: readonly SupposedFailure[] | undefined;
  /** When a group or a member last came or went, or a link, or one of them was given another name or ifIndex: ifTableLastChange. */
  readonly tableLastChange: Hrtime;
  /** When a group or a member last came or went, or a group was given another ifIndex: ifStackLastChange. */
  readonly stackLastChange: Hrtime;
}

/** As ipmpstat(8) prints it: ok = all members usable, failed = none, degraded = some. */
export const GROUP_STATES = ["ok", "degraded", "failed"] as const;
export type GroupState = (typeof GROUP_STATES)[number];

/** What a member is to its group, each member in exactly one. */
export const MEMBER_STATES = ["active", "inactive", "failed", "offline"] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** Where a group comes from. `route` is a multipath default route; `default` the fallback when nothing is configured. */
export type GroupSource = "configuration" | AggregateKind | "route" | "illumos" | "default";

export interface GroupSnapshot {
  /** Only some of its members are here: what concerns the whole group is not to be said. */
  readonly isPart?: true;
  /** Group name, a mutable label. */
  readonly name: string;
  /** Meta-interface name, fixed for life; also the name of its kstat. */
  readonly ifname: string;
  /** Stable over restarts. */
  readonly ifindex: number;
  readonly source: GroupSource;
  /** How traffic is spread: "ipmp", "ecmp", "set", or the bonding mode; "team" where teamd keeps it to itself, "lag" where a device does not tell of LACP. */
  readonly mode: string;
  readonly state: GroupState;
  /** RUNNING of the meta-interface: at least one active member. */
  readonly linkUp: boolean;
  /** When the counters began. */
  readonly crtime: Hrtime;
  /** When `state` last changed. */
  readonly lastChange: Hrtime;
  /** Bytes; undefined where the group has none of its own. */
  readonly mtu: number | undefined;
  /** How many members the configuration or the system promises, present or not. */
  readonly membersExpected: number;
  /** Labels of expected members that are not there, sorted. */
  readonly missing: readonly string[];
  /** Present members, sorted by label. */
  readonly members: readonly MemberSnapshot[];
  /** How many of them are in each state. */
  readonly counts: Readonly<Record<MemberState, number>>;
  /** Undefined while the speed of a usable member is unknown. */
  readonly capacity: CapacitySnapshot | undefined;
  /** Links that may not join, each with its label (`device`) and the errno that the kernel would give. */
  readonly refused: readonly { readonly device: string; readonly errno: string; readonly why: string }[];
  /** gr_kstats0, the group's baseline: the share of members that have left. */
  readonly departed: BigUint64Array;
  /** Packets that found no room in its members, since the program started; undefined where no member's system tells. */
  readonly discards?: { readonly in: bigint | undefined; readonly out: bigint | undefined };
  /** Statistics that no member has and none had: 0 in its counters, which says nothing. */
  readonly lacks?: ReadonlySet<string> | undefined;
  /** departed + every member's share: what the group carried since `crtime`. */
  readonly total: BigUint64Array;
  /** ipmp:0:<ifname> as kstat(8) shows it: the total, each statistic in its width; undefined while the engine has none. */
  readonly kstat: KstatReading | undefined;
  /** Label of the nominee for multicast and broadcast, where the group has such a thing. */
  readonly castDevice: { readonly ipv4: string | undefined; readonly ipv6: string | undefined } | undefined;
  /** Data addresses; undefined where addresses do not belong to the group. */
  readonly addresses: readonly AddressSnapshot[] | undefined;
  readonly failovers: bigint;
  /** Milliseconds since 1970; undefined while there was none. */
  readonly lastFailoverMs: number | undefined;
  /** Seconds that each failover took, since the program started: from the loss seen to traffic having another member. */
  readonly failoverDurations: HistogramSnapshot;
  /** Nanoseconds spent in each state since `crtime`. */
  readonly stateTime: Readonly<Record<GroupState, bigint>>;
  /** What watches the links of a bond's members; "none": the bond does not fail over. Undefined for what is no bond. */
  readonly monitor?: BondMonitor | undefined;
  /** What LACP agreed on; undefined for any group that is no bond of mode 802.3ad. */
  readonly lacp?: LacpSnapshot | undefined;
  /** Within what time probes find a failure; undefined while no member is probed. */
  readonly failureDetectionTimeMs?: number | undefined;
  /** No target answers any member, though links are up; undefined while no member is probed. */
  readonly targetsMute?: boolean | undefined;
  /** Undefined where the system does not count groups itself. */
  readonly crossCheck?: CrossCheckSnapshot | undefined;
  /** Undefined where nobody has worked it out. */
  readonly fate?: FateSnapshot | undefined;
  /** Addresses moved between members, and changes of nominee; undefined where there are no such things. */
  readonly rebinds: bigint | undefined;
  readonly castChanges: bigint | undefined;
}

/** What can take the usable members of a group together. */
export interface FateSnapshot {
  /** Domains that all of them have in common, where there are at least two members; each with the reason for which it is accepted. */
  readonly shared: readonly (FailureDomain & { readonly accepted: string | undefined })[];
  /** Whether a failure of any one domain of the kind leaves one of them; no key where the system does not tell enough. */
  readonly survives: { readonly [K in DomainKind]?: boolean };
}

/** How our sum of a group compares with the system's own, ipmp:0:<ifname> of kstat(8). */
export interface CrossCheckSnapshot {
  /** Milliseconds since 1970: since when they have agreed at every look; undefined while they do not. */
  readonly agreesSinceMs: number | undefined;
  /** Looks at which they did not, since the start. */
  readonly disagreements: bigint;
}

/** What the usable members of a group can carry together in one direction, active or in reserve. */
export interface CapacitySnapshot {
  readonly bitsPerSecond: number;
  /** What would be left if the fastest of them went. */
  readonly withoutLargestBitsPerSecond: number;
}

/** IEEE 802.1AX of a bond. Undefined: the system does not say. */
export interface LacpSnapshot {
  /** The system's own number of the aggregator in use. */
  readonly activeAggregator: number | undefined;
  readonly actorKey: number | undefined;
  readonly partnerKey: number | undefined;
  /** MAC of the switch, or of whoever is the other end. */
  readonly partnerLladdr: string | undefined;
  /** How often LACP packets are asked of the other end. */
  readonly rate: LacpRate | undefined;
  /** Members in use without which the bond takes its own carrier away. */
  readonly minLinks: number | undefined;
}

/** IEEE 802.1AX of one member. */
export interface LacpMemberSnapshot {
  /** The aggregator that it chose. */
  readonly aggregator: number | undefined;
  /** Whether that is the one in use: links to two switches that are not one choose two. */
  readonly inActiveAggregator: boolean;
  /** State octets of both ends. */
  readonly actorState: number | undefined;
  readonly partnerState: number | undefined;
}

/** What the default routes make of a member. */
export interface RouteMemberSnapshot {
  /** Whether the kernel sends through it now; undefined where it does not tell. */
  readonly inRoute: boolean | undefined;
  /** Its share among the next hops of the route in use; undefined while it is in none. */
  readonly weight: number | undefined;
  /** Whether any default route leads over it: otherwise it could not even be a reserve. */
  readonly isReachable: boolean;
}

export interface AddressSnapshot {
  readonly address: string;
  readonly family: "ipv4" | "ipv6";
  readonly up: boolean;
  /**
   * Label of the member that receives for it as IPMP would have it; undefined when unbound. On a system without IPMP this is a model: nothing moves the
   * address there.
   */
  readonly inbound: string | undefined;
  /** Links of this host that have the address now, by name; undefined where the system does not tell. */
  readonly heldBy?: readonly string[] | undefined;
}

export interface MemberSnapshot {
  readonly device: string;
  /** Its name among the links of all sources: `<source>:<device>` for a link of another system. */
  readonly label: string;
  readonly state: MemberState;
  /** On a list of active ills. */
  readonly active: boolean;
  readonly linkUp: boolean;
  readonly standby: boolean;
  /** Names of the flags set, as illumos prints them: RUNNING, FAILED, STANDBY, INACTIVE, OFFLINE. */
  readonly flags: readonly string[];
  /** Undefined where addresses are not bound to members. */
  readonly boundAddresses: number | undefined;
  /** Why it is not active, in words; undefined when it is. */
  readonly reason: string | undefined;
  /** Undefined in a group that does not follow the default routes. */
  readonly route?: RouteMemberSnapshot | undefined;
  /** Undefined in any group that is no bond of mode 802.3ad. */
  readonly lacp?: LacpMemberSnapshot | undefined;
  /** Times it failed and came back, by reason ("link", "probe"). */
  readonly failures: Readonly<Record<string, bigint>>;
  readonly repairs: Readonly<Record<string, bigint>>;
  /** The same for all reasons together. */
  readonly failureCount: bigint;
  readonly repairCount: bigint;
  readonly joinedAt: Hrtime;
  /** Undefined in a group that is not probed. */
  readonly probes?: MemberProbes | undefined;
  /** What takes it down when it fails, as far as the system tells; undefined where nobody has worked it out. */
  readonly domains?: readonly FailureDomain[] | undefined;
  /** phyint_kstats0, the member's baseline: a snapshot of the link's counters, taken at the join. */
  readonly baseline: BigUint64Array;
  /** The link's counters now. */
  readonly current: BigUint64Array;
  /** current - baseline: what it carried as a member. */
  readonly share: BigUint64Array;
  readonly link: LinkSnapshot;
}

/** One link of one source at the instant of the snapshot. */
export interface LinkSnapshot {
  readonly id: LinkId;
  readonly attributes: LinkAttributes;
  readonly addresses: readonly LinkAddress[];
  /** Its counters, link:<instance>:<name>, where 0 is this host and each other source has a number of its own: statistics beyond the 15 are norcvbuf, noxmtbuf, unknowns where the source has them. */
  readonly kstat: KstatReading;
  /** Name of the group that it is a member of. */
  readonly group: string | undefined;
  /** Statistics that its system has of other links and not of this one: 0 in its counters, which says nothing. */
  readonly lacks?: ReadonlySet<string> | undefined;
  /** When its counters were last read: of a link of another system that is polled, this is earlier than the snapshot. */
  readonly readAt: Hrtime;
  /** When operState last changed, as far as we saw. */
  readonly lastChange: Hrtime;
}

/** Who hands out snapshots. None of them shows a state that is over. */
export interface Snapshots {
  /** One collection for everybody who asks before it runs, or the last one when its counters are at most `maxAge` nanoseconds old. */
  fresh(maxAge?: bigint): Promise<Snapshot>;
  /**
   * One whose counters are at most `maxAge` nanoseconds old; they are read only when no younger ones are there. When somebody has asked less than a
   * quarter of that ago, as who walks does, it is the last one for up to twice as long, while the next is made.
   */
  within(maxAge: bigint): Snapshot;
  /** One for whoever needs no counters: they are as last read, and none are read for it. */
  states(): Snapshot;
  /**
   * One that has of links, and of groups, at least those that a system has a part in, each group whole; the counters are as last read. It costs what they
   * are, and not what all are.
   */
  of(source: string): Snapshot;
  /** The same of the links and groups that transitions tell of. */
  about(transitions: readonly Transition[]): Snapshot;
  /** The systems that are watched, without their links and groups. */
  sources(): Snapshot["sources"];
}
