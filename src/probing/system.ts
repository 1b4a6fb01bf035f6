/**
 * What the machine asks of the system and does to it. The daemon stands behind it in operation, a model of the kernel in the replay. Nothing
 * here may call back into the machine.
 */

import type { Family, IpAddress, LinkLayerAddress } from "../ipmp/address.ts";
import type { ProbeEvent } from "./events.ts";
import type { Sequence } from "./sequence.ts";
import type { Nanoseconds } from "./time.ts";

/** Groups and interfaces, in the order in which the system came to know them. */
export type SystemEntry = SystemGroup | SystemInterface;

export interface SystemGroup {
  readonly kind: "group";
  readonly name: string;
}

export interface SystemInterface {
  readonly kind: "interface";
  readonly name: string;
  /** Empty: it is in no group. */
  readonly group: string;
  /** PHYI bits. */
  readonly flags: number;
  /** Undefined: it has none, or nobody knows it. */
  readonly hardwareAddress: LinkLayerAddress | undefined;
  /** Undefined: the family is not plumbed. */
  readonly v4: SystemFamily | undefined;
  readonly v6: SystemFamily | undefined;
}

export interface SystemFamily {
  /** Its data address is up. */
  readonly up: boolean;
  /** It has a test address. */
  readonly testAddress: boolean;
}

/** A next hop of the routing table, or a target from the configuration, and the link that it is reached by. */
export interface Router {
  readonly interface: string;
  readonly family: Family;
  readonly address: IpAddress;
}

/**
 * What a probe is for: `uni` is judged and goes to one target, `rtt` only measures one, `multi` goes to all hosts and finds targets. Only `uni`
 * uses up a sequence number.
 */
export type ProbeKind = "uni" | "multi" | "rtt";

export interface ProbePacket {
  readonly kind: ProbeKind;
  readonly interface: string;
  readonly family: Family;
  readonly sequence: Sequence;
  /** Undefined: all hosts on the link. */
  readonly target: IpAddress | undefined;
  /** Comes back in the answer. */
  readonly sentAt: Nanoseconds;
}

/** `blocked`: the socket had no room; as on the wire, that is a probe without an answer. `failed`: the system refused. */
export type SendOutcome = "sent" | "blocked" | "failed";

export interface System {
  /** The time at this moment. An operation that sends hundreds of probes takes a while, and each is sent at its own time. */
  readonly now: Nanoseconds;
  /** As they are now: a flag set through setFlags shows at once. */
  entries(): Iterable<SystemEntry>;
  routers(): Iterable<Router>;
  /** Whether an interface may probe that target though another member of its group has found it: it lies in the subnet of its test address. */
  reaches(interfaceName: string, family: Family, target: IpAddress): boolean;
  setFlags(interfaceName: string, flags: number): void;
  send(packet: ProbePacket): SendOutcome;
  /** A whole number from 0; every remainder of it is to be equally likely. */
  random(): number;
  /** Something happened. What the event refers to is as it is at that moment. */
  tell(event: ProbeEvent): void;
}
