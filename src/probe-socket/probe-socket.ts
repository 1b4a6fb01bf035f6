/** A socket for the probes of one address family of one link, in whatever way the probes go. It never blocks. */

import type { IpAddress, IpFamily } from "../net-address/ip-address.ts";

/** `icmp`: echo requests from a ping socket. `udp`: datagrams to a closed port, which a target answers with an ICMP error. */
export type ProbeMethod = "icmp" | "udp";

/** Where probes leave. */
export interface ProbeOrigin {
  readonly family: IpFamily;
  readonly device: string;
  readonly ifindex: number;
  /** An address of the device, to which the answers come. */
  readonly source: string;
}

/** What tells one probe from another; all of it comes back with the answer. */
export interface ProbeIdentity {
  readonly kind: "uni" | "multi" | "rtt";
  /** 16 bits. */
  readonly sequence: number;
  /** Nanoseconds of the sender's clock. */
  readonly sentAt: number;
}

export interface OutgoingProbe extends ProbeIdentity {
  /** Undefined: all hosts on the link. */
  readonly target: string | undefined;
}

export interface ProbeAnswer extends ProbeIdentity {
  readonly from: IpAddress;
  /** Nanoseconds since the kernel received it. */
  readonly age: number;
}

/** Called with each answer, never while its socket is being opened. */
export type Hear = (answer: ProbeAnswer) => void;

/** `blocked`: there is no room for it now, and it is not sent. `failed`: the system refuses. */
export type Sent = "sent" | "blocked" | "failed";

export interface ProbeSocket {
  readonly method: ProbeMethod;
  /** Why the last probe was not sent, the name of an error ("ENOBUFS"); undefined when it was. */
  readonly refusal: string | undefined;
  send(probe: OutgoingProbe): Sent;
  close(): void;
}

export type Opened =
  | { readonly kind: "open"; readonly socket: ProbeSocket }
  /** `step` is the system call that failed, `errno` the name of its error: "EACCES". */
  | { readonly kind: "refused"; readonly step: string; readonly errno: string };
