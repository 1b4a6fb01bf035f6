/**
 * What the daemon is told to do: the settings of schema.ts, with what one key alone does not say: paths made absolute, names that
 * default to other names, the credentials of a notification.
 */

import type { SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { NamePattern } from "./name-pattern.ts";
import type { Settings } from "./schema.ts";

type SnmpSettings = Settings["snmp"];

export interface Configuration extends Omit<Settings, "groups" | "sources" | "snmp" | "state" | "control"> {
  /** The file it came from; undefined when there is none. */
  readonly file: string | undefined;
  /** In the order of the file. With none, and nothing discovered, the daemon forms the group `default`. */
  readonly groups: readonly GroupConfiguration[];
  /** In the order of the file. */
  readonly sources: readonly SourceConfiguration[];
  readonly snmp: SnmpConfiguration;
  readonly state: StateConfiguration;
  readonly control: ControlConfiguration;
}

export type DiscoveryConfiguration = Settings["discovery"];

export interface GroupConfiguration extends Omit<Settings["groups"][number], "ifname" | "interfaces" | "probes"> {
  readonly ifname: string;
  /** Undefined: as detection.probes.enabled says. */
  readonly probes?: boolean | undefined;
  /** In the order of the file; a link belongs to the first rule of the first group that fits. */
  readonly members: readonly MemberRule[];
}

/** Which links join: the one of that name, or all in whose name the expression finds a match. */
export type MemberRule = {
  /** Name of the source whose links are meant; left out: this host's. */
  readonly source?: string;
  readonly standby: boolean;
} & ({ readonly kind: "device"; readonly device: string } | { readonly kind: "match"; readonly match: NamePattern });

/** Another system whose links are watched. */
export type SourceConfiguration = DeviceConfiguration | IllumosConfiguration;

/** A device that is asked over SNMP. Times are milliseconds. */
export interface DeviceConfiguration {
  readonly kind: "snmp";
  readonly name: string;
  readonly interval: number;
  readonly timeout: number;
  readonly failures: number;
  /** Its LAGs become groups. */
  readonly discoversLags: boolean;
  readonly target: SnmpEndpoint;
  readonly credential: DeviceCredential;
}

/** An illumos system whose commands are run. */
export interface IllumosConfiguration {
  readonly kind: "illumos";
  readonly name: string;
  /** Milliseconds. */
  readonly interval: number;
  /** Absolute path of the directory below which its commands are. */
  readonly path: string;
}

/** Files are absolute and not yet read. */
export type DeviceCredential =
  | { readonly version: 1 | 2; readonly community: string }
  | { readonly version: 1 | 2; readonly communityFile: string }
  /** `user` is one of snmp.users. */
  | { readonly version: 3; readonly user: DeviceUser };

/** In whose name a device is asked: the password files are absolute and not yet read. */
export type DeviceUser = Omit<SnmpUser, "view">;

export interface SnmpConfiguration extends Omit<SnmpSettings, "notifications"> {
  readonly notifications: readonly SnmpNotification[];
}

/** Password files are absolute and not yet read. */
export type SnmpUser = SnmpSettings["users"][number];

export interface SnmpNotification extends Omit<SnmpSettings["notifications"][number], "user" | "community"> {
  /** Community for versions 1 and 2, user name for version 3. */
  readonly credential: string;
}

export interface StateConfiguration extends Omit<Settings["state"], "file"> {
  /** Absolute path; undefined keeps nothing over a restart. */
  readonly file: string | undefined;
}

export interface ControlConfiguration {
  /** Absolute path of the Unix socket; undefined when there is none. */
  readonly socket: string | undefined;
  /** False when `socket` is only the default: a place that cannot be written is then worth a warning, not a refusal. */
  readonly explicit: boolean;
}
