/**
 * The contract of a source: what one system says about its links, as it says it. A source decides nothing; it knows no group, no
 * baseline and no format. It is synchronous: what needs waiting is the source's own affair, and arrives as events. Each system has a
 * folder that implements it, and there may be several sources side by side.
 */

import type { Hrtime } from "../kstat/hrtime.ts";
import type { PrintedKstat } from "../kstat/printed-kstat.ts";
import type { Schema } from "../kstat/schema.ts";
import type { LinkAddress } from "../link/link-address.ts";
import type { LinkAttributes } from "../link/link-attributes.ts";
import type { PrintedTables } from "../link/printed-tables.ts";
import type { SystemGroup } from "../link/system-group.ts";
import type { IpFamily } from "../net-address/ip-address.ts";

/**
 * What happened, in the order in which it happened. `counters` are in the order of the source's schema, as the system
 * had them at that moment; undefined when the event carries none.
 */
export type SourceEvent =
  /** A link appeared or changed (renamed, up, down, new MAC …). */
  | {
      readonly kind: "link";
      readonly link: LinkAttributes;
      readonly counters: BigUint64Array | undefined;
      /** Of a link that is new: width of each of its counters, where that is not what the source says of all; 0: it has no such counter. */
      readonly bits?: readonly (0 | 32 | 64)[];
    }
  /** A link was deleted or moved to another namespace; `counters` are its last. */
  | {
      readonly kind: "gone";
      readonly ifindex: number;
      readonly name: string;
      readonly counters: BigUint64Array | undefined;
    }
  /**
   * Events were lost (`gap` says why) or the source has just been opened (no gap): these are all the links there are now.
   * Whatever is not among them is gone, its last counters unknown.
   */
  | { readonly kind: "resync"; readonly gap: string | undefined; readonly links: readonly LinkState[] }
  /** An address came or changed, or went. Of a link that is not known it says nothing. */
  | { readonly kind: "address"; readonly address: LinkAddress; readonly present: boolean }
  /** A link's speed is another one, and nothing else of it. Undefined: not known now. */
  | { readonly kind: "speed"; readonly ifindex: number; readonly speedBitsPerSecond: number | undefined }
  /** A poll that was answered: counters that the source read by itself, at a time of its own. One event for each such poll. */
  | {
      readonly kind: "reading";
      readonly at: Hrtime;
      readonly rows: readonly CounterRow[];
      /** Something else that was asked in this poll was not answered. */
      readonly failed?: { readonly cause: string; readonly outcome: string };
    }
  /** What the system says of its own IPMP groups. Comes before the reading of the same poll. */
  | { readonly kind: "groups"; readonly account: SystemAccount }
  /**
   * A poll that was not answered: what its links are is not known until they are told again, and their counters stay as last read.
   * `outcome` is a word for the kind of failure, as "timeout": the label `outcome` of ipmp_source_polls_total. `failed`: it has not
   * answered so often that its links count as failed.
   */
  | { readonly kind: "unreachable"; readonly cause: string; readonly outcome?: string; readonly failed?: boolean }
  /** Something that cannot be seen here, or is not looked at. `cause` says what and what follows; each is told once. */
  | { readonly kind: "limit"; readonly cause: string }
  /** Default routes or addresses may have changed: ask again. */
  | { readonly kind: "routes" }
  | { readonly kind: "addresses" };

/** Everything that a system with IPMP of its own says of it. */
export interface SystemAccount {
  readonly groups: readonly SystemGroup[];
  /** The same as the system's commands printed it, which the subcommands of that name print again. */
  readonly tables: PrintedTables;
  readonly kstats: readonly PrintedKstat[];
  /** Interfaces outside of groups that in.mpathd watches all the same. */
  readonly anonymousInterfaces: number;
  /** Lines on standard error of commands that answered otherwise, in this poll. */
  readonly warnings: number;
}

/** Counters of one link, in the order of the source's schema. */
export interface CounterRow {
  readonly ifindex: number;
  readonly counters: BigUint64Array;
  /** When it was read, where that is not the time of the whole poll. */
  readonly at?: Hrtime;
  /**
   * The counters do not go on from the last ones, and what came in between is not known: the system was started anew, or says that
   * they began again; or ("incomplete") the first ones, with which the link was told, may have been lower than they were.
   */
  readonly anew?: "reboot" | "discontinuity" | "incomplete";
}

/** What an earlier run of the program knew of a system that is not this host. */
export interface KnownSystem {
  /** What {@link Source.identity} answered then. */
  readonly identity: string;
  readonly links: readonly KnownLink[];
}

export interface KnownLink {
  readonly ifindex: number;
  readonly name: string;
  /** Width of each counter; undefined where the source said it of all. */
  readonly bits: readonly (0 | 32 | 64)[] | undefined;
  /** The link aggregation that it was part of. */
  readonly lag?: { readonly ifindex: number; readonly name: string } | undefined;
}

export interface LinkState {
  readonly link: LinkAttributes;
  readonly counters: BigUint64Array | undefined;
}

/** One default route (destination 0.0.0.0/0 or ::/0 of the main table). Those of one metric are in the order of the kernel's choice. */
export interface DefaultRoute {
  readonly family: IpFamily;
  readonly metric: number;
  readonly nextHops: readonly NextHop[];
  /** Learnt from a router advertisement, with that preference (RFC 4191): the kernel uses one such route of several. */
  readonly advertised?: RouterPreference;
  /** The route may have next hops that cannot be seen here. */
  readonly incomplete?: true;
  /** It turns traffic away (unreachable, blackhole, prohibit), also from routes that are worse; it has no next hop then. */
  readonly leadsNowhere?: true;
}

export type RouterPreference = "high" | "medium" | "low";

export interface NextHop {
  readonly ifindex: number;
  /** Canonical text; undefined for a route straight to the link. */
  readonly gateway: string | undefined;
  /** MAC of the gateway by the neighbour table; undefined while it is not known there. */
  readonly gatewayLladdr?: string | undefined;
  /** 1 and up, relative to the other next hops. */
  readonly weight: number;
  /** RTNH_F_DEAD or RTNH_F_LINKDOWN: nothing gets through it now. */
  readonly dead: boolean;
  /** It has no carrier, and the kernel sends through it all the same (ignore_routes_with_linkdown is 0). */
  readonly usedWithoutCarrier?: true;
  /** The kernel leaves it out, whatever its settings are, while its gateway does not answer: one of a nexthop group. */
  readonly needsAnswer?: true;
  /** Dead because its gateway does not answer. */
  readonly unanswered?: true;
}

export type SourceKind = "netlink" | "procfs" | "illumos" | "snmp";

export interface Source {
  /** Label of its links: "local" for this host. */
  readonly name: string;
  /** How it learns about them. */
  readonly kind: SourceKind;
  /** Statistics that the system provides, under their kstat names, in the order of every `counters`. */
  readonly schema: Schema;
  /** Width in which the system counts: of all statistics, or of each in the order of the schema; 64 where nothing is said. */
  readonly counterBits?: 32 | 64 | readonly (32 | 64)[];
  /**
   * Whether a link's counters that all fell began again at 0, as a driver's do; true where nothing is said. Otherwise they may begin
   * anywhere, and what they say then is not counted.
   */
  readonly restartsAtZero?: boolean;
  /** Whether links hand over their last counters when they go, and events arrive by themselves. */
  readonly deliversEvents: boolean;
  /**
   * Tells, before `open`, what an earlier run knew of the system. Its links are then there already, and the source says which of them
   * have gone, and which readings do not go on from the last ones of that run (`anew`).
   */
  resume?(known: KnownSystem): void;
  /** What `resume` of a later run is to be told of the system: its boot, its engine. Undefined until it is known. */
  identity?(): string | undefined;
  /**
   * Begins to listen, then lists everything; `wake` is called, never synchronously, when `drain` has something to say.
   * @throws SourceError when the system does not let us; the source is then closed.
   */
  open(wake: () => void): void;
  /**
   * Everything since the last call, oldest first. The first call answers with a resync; where the list of all links was interrupted, with
   * those that were told, and a resync comes as soon as it can be had.
   * @throws SourceError when the system does not answer. What this call would have told is still to come, or a resync in its place.
   */
  drain(): SourceEvent[];
  /**
   * Reads the counters of all links now; left out by a source that polls at times of its own and tells "reading" events. `counters`
   * belongs to the source and is good only until `visit` returns.
   * @throws SourceError when the system does not answer; no link is visited then.
   */
  readCounters?(visit: (ifindex: number, counters: BigUint64Array) => void): void;
  /**
   * Asks anew for what a system may change without telling: the speed of these links. What is new comes as events. Left out by a source
   * that looks by itself.
   */
  askAgain?(ifindexes: readonly number[]): void;
  /** Left out, or undefined: the system does not say. @throws SourceError when it does not answer */
  defaultRoutes?(): readonly DefaultRoute[] | undefined;
  /** Left out, or undefined: the system does not say. @throws SourceError when it does not answer */
  addresses?(): readonly LinkAddress[] | undefined;
  close(): void;
}

/** A source that could not be opened or read. The message says what was tried on what, and what the system answered. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly source: SourceKind;

  constructor(source: SourceKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}
