/**
 * What the daemon is told to do: every default filled in, every value checked and in the unit that it is used in. The file's
 * own spelling (snake_case, durations as text) ends in schema.ts; where the defaults come from is in defaults.ts.
 */

import type { LogLevel } from "../log/log.ts";
import type { AgentxSocket } from "../net-address/agentx-socket.ts";
import type { HttpAddress } from "../net-address/http-address.ts";
import type { IpAddress } from "../net-address/ip-address.ts";
import type { IpPrefix } from "../net-address/ip-prefix.ts";
import type { SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { Oid } from "./oid.ts";

export interface Configuration {
  /** The file it came from; undefined when there is none. */
  readonly file: string | undefined;
  /** In the order of the file. With none, and nothing discovered, the daemon forms the group `default`. */
  readonly groups: readonly GroupConfiguration[];
  readonly discovery: DiscoveryConfiguration;
  readonly detection: DetectionConfiguration;
  readonly web: WebConfiguration;
  readonly snmp: SnmpConfiguration;
  readonly state: StateConfiguration;
  readonly control: ControlConfiguration;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Where procfs and sysfs are mounted, for a container that sees the host's under another name. */
  readonly path: { readonly procfs: string; readonly sysfs: string };
  /** Who reads the links; `auto` takes the best that works here. */
  readonly source: SourceChoice;
}

export interface GroupConfiguration {
  /** Group name, a mutable label: 1 to 31 bytes. */
  readonly name: string;
  /** Meta-interface name, fixed for life: 1 to 31 bytes. */
  readonly ifname: string;
  /** In the order of the file; a link belongs to the first rule of the first group that fits. */
  readonly members: readonly MemberRule[];
  /** Data addresses in canonical form. */
  readonly addresses: readonly IpAddress[];
  /** Active members wanted: with fewer, standby members are called in, and the group is not ok. At least 1. */
  readonly minActive: number;
}

/** Which links join: the one of that name, or all whose whole or part name the expression finds. */
export type MemberRule = {
  /** Name of the source whose links are meant; left out: this host's. */
  readonly source?: string;
  readonly standby: boolean;
} & ({ readonly kind: "device"; readonly device: string } | { readonly kind: "match"; readonly match: RegExp });

export interface DiscoveryConfiguration {
  readonly bonds: boolean;
  readonly teams: boolean;
  readonly defaultRoutes: boolean;
  readonly illumos: boolean;
}

export interface DetectionConfiguration {
  /** Milliseconds, at least 100. */
  readonly failureDetectionTimeMs: number;
  /** Whether a repaired member takes its addresses back. */
  readonly failback: boolean;
  readonly probes: {
    readonly enabled: boolean;
    /** By device; a device that is not here finds its own targets. */
    readonly targets: ReadonlyMap<string, readonly IpAddress[]>;
  };
}

export interface WebConfiguration {
  /** Empty only with `systemdSocket`. */
  readonly listenAddresses: readonly HttpAddress[];
  /** Begins with a slash. */
  readonly telemetryPath: string;
  /** Absolute path of a file in exporter-toolkit's format (TLS, basic auth). */
  readonly configFile: string | undefined;
  /** Scrapes served at once; 0 is no limit. */
  readonly maxRequests: number;
  /** Leaves out process_*, nodejs_* and the like. */
  readonly disableExporterMetrics: boolean;
  /** Serves on the sockets that systemd hands over, not on `listenAddresses`. */
  readonly systemdSocket: boolean;
}

export interface SnmpConfiguration {
  /** Empty: no SNMP. */
  readonly listenAddresses: readonly SnmpEndpoint[];
  readonly communities: readonly SnmpCommunity[];
  readonly users: readonly SnmpUser[];
  /** What a source other than this host may ask. */
  readonly rateLimit: SnmpRateLimit;
  /** The master agent to be a subagent of. */
  readonly agentx: { readonly socket: AgentxSocket; readonly mode: AgentxMode } | undefined;
  readonly notifications: readonly SnmpNotification[];
  /** Milliseconds in which a link, a group or a member is told of at most once. */
  readonly dampingMs: number;
  /** Where IPMP-EXPORTER-MIB is rooted. */
  readonly enterprise: Oid;
  /** `name` undefined: the host's name. */
  readonly system: { readonly contact: string; readonly location: string; readonly name: string | undefined };
}

export interface SnmpCommunity {
  readonly name: string;
  /** Who may use it; nobody else is answered. */
  readonly sources: readonly IpPrefix[];
  /** Undefined: everything may be read. */
  readonly view: SnmpView | undefined;
}

/** Subtrees that may be read, less subtrees that may not; of several that hold an object the longest decides. */
export interface SnmpView {
  readonly include: readonly Oid[];
  readonly exclude: readonly Oid[];
}

/** Requests from one source: so many a second for long, so many at once. */
export interface SnmpRateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export const AUTH_PROTOCOLS = ["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] as const;
export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];

/** AES-256-C is the key extension of draft-reeder, which Cisco uses; AES-256 that of draft-blumenthal, as in net-snmp. */
export const PRIV_PROTOCOLS = ["AES-128", "AES-256", "AES-256-C"] as const;
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number];

/** Without `priv` it is authNoPriv; a user without `auth` is refused at load. Password files are absolute and not yet read. */
export interface SnmpUser {
  readonly name: string;
  readonly auth: { readonly protocol: AuthProtocol; readonly passwordFile: string };
  readonly priv: { readonly protocol: PrivProtocol; readonly passwordFile: string } | undefined;
  /** Undefined: everything may be read. */
  readonly view: SnmpView | undefined;
}

/** `merge`: the groups' rows among the master's own. `replace`: our tables instead of the master's. */
export const AGENTX_MODES = ["merge", "replace"] as const;
export type AgentxMode = (typeof AGENTX_MODES)[number];

export interface SnmpNotification {
  readonly target: SnmpEndpoint;
  readonly version: 1 | 2 | 3;
  /** Community for 1 and 2, user name for 3. */
  readonly credential: string;
  readonly type: "trap" | "inform";
}

export interface StateConfiguration {
  /** Absolute path; undefined keeps nothing over a restart. */
  readonly file: string | undefined;
  /** False when `file` is only the default: a place that cannot be written is then worth a warning, not a refusal. */
  readonly explicit: boolean;
  /** node-cron expression: when the counters are saved although nothing happened. */
  readonly checkpoint: string;
}

export interface ControlConfiguration {
  /** Absolute path of the Unix socket; undefined has none. */
  readonly socket: string | undefined;
  /** As in the state: false when `socket` is only the default. */
  readonly explicit: boolean;
}

export const LOG_FORMATS = ["logfmt", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const SOURCE_CHOICES = ["auto", "netlink", "procfs", "illumos"] as const;
export type SourceChoice = (typeof SOURCE_CHOICES)[number];
