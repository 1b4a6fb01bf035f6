/** An IPMP group as the system itself has it: what in.mpathd and the kernel of illumos say by ipmpstat(8) and kstat(8). Undefined: not told. */

import type { IpFamily } from "../net-address/ip-address.ts";

export interface SystemGroup {
  /** Meta-interface, fixed for life. */
  readonly ifname: string;
  /** Group name, which may change. */
  readonly name: string;
  readonly state: "ok" | "degraded" | "failed" | undefined;
  /** Milliseconds; undefined while no member is probed. */
  readonly failureDetectionTimeMs: number | undefined;
  /** In the order in which the system names them. */
  readonly members: readonly SystemMember[];
  /** Undefined while they could not be asked for. */
  readonly addresses: readonly SystemAddress[] | undefined;
  /** Its own kstat, ipmp:0:<ifname>. */
  readonly kstat: SystemGroupKstat | undefined;
}

export interface SystemMember {
  /** Name of the link. */
  readonly device: string;
  /** Whether it carries traffic of the group. */
  readonly active: boolean;
  /** Works, and is not used by policy: INACTIVE. */
  readonly inactive: boolean;
  readonly standby: boolean;
  readonly failed: boolean;
  readonly offline: boolean;
  /** No address of it is up. */
  readonly down: boolean;
  /** Another member has the same hardware address. */
  readonly duplicate: boolean;
  /** Nominated for multicast and broadcast. */
  readonly cast: Readonly<Record<IpFamily, boolean>>;
  readonly probe: "ok" | "failed" | "unknown" | "disabled" | undefined;
  readonly families: readonly SystemProbes[];
}

/** How in.mpathd probes a member in one address family. */
export interface SystemProbes {
  readonly family: IpFamily;
  readonly mode: "routes" | "multicast";
  readonly testAddress: string;
  /** The next to be probed first. */
  readonly targets: readonly string[];
}

/** A data address. */
export interface SystemAddress {
  readonly address: string;
  readonly family: IpFamily;
  readonly up: boolean;
  /** Link that receives for it; undefined when it is bound to none. */
  readonly inbound: string | undefined;
}

export interface SystemGroupKstat {
  /** When its counters began, and when they were read: nanoseconds since the boot of that system. */
  readonly crtime: bigint;
  readonly snaptime: bigint;
  /** The fifteen statistics in the order of NET_STATISTICS, each as the kernel shows it. */
  readonly values: BigUint64Array;
}
