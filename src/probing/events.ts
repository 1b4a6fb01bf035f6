/**
 * What the machine tells of: the events that in.mpathd publishes (sysevents of class EC_ipmp, libipmp's ipmp_mpathd.h) and the lines that it
 * logs. A record in an event is the machine's own: read it before you return.
 */

import type { IpAddress } from "../ipmp/address.ts";
import type { Group } from "./group.ts";
import type { Instance } from "./instance.ts";
import type { Phyint } from "./phyint.ts";
import type { Probe, ProbeStatus } from "./probe-ring.ts";
import type { Sequence } from "./sequence.ts";
import type { Nanoseconds } from "./time.ts";

/** Published as sysevents. */
export type PublishedEvent =
  | { readonly kind: "group-added" | "group-removed"; readonly group: Group; readonly listSignature: number }
  | { readonly kind: "group-state"; readonly group: Group }
  | { readonly kind: "member-added" | "member-removed"; readonly phyint: Phyint }
  | { readonly kind: "interface-state"; readonly phyint: Phyint }
  /** Its status has just changed: sent, lost or acked; after a loss it may still be acked. Of one that is sent, `before` is that of the probe whose place it takes. */
  | { readonly kind: "probe"; readonly instance: Instance; readonly probe: Probe; readonly before: ProbeStatus };

/** Logged as something that a person should see. */
export type Notice =
  | { readonly kind: "link-down" | "link-up" | "flapping" | "repair" | "failure"; readonly phyint: Phyint }
  | { readonly kind: "group-unusable"; readonly group: Group }
  | { readonly kind: "group-usable"; readonly group: Group; readonly phyint: Phyint }
  | { readonly kind: "send-failed"; readonly instance: Instance }
  /** Another member has the same hardware address: the interface is out of use until that is over. */
  | { readonly kind: "address-duplicate"; readonly phyint: Phyint }
  /** No other member has the same hardware address any more: the interface comes back into use. */
  | { readonly kind: "address-unique"; readonly phyint: Phyint }
  /** Another program took the interface offline. */
  | { readonly kind: "foreign-offline"; readonly phyint: Phyint }
  | { readonly kind: "rtt-negative"; readonly now: Nanoseconds; readonly sentAt: Nanoseconds }
  | {
      readonly kind: "fdt-raised" | "fdt-lowered";
      readonly instance: Instance;
      /** Of the probe whose answer did it. */
      readonly by: "uni" | "rtt";
    };

/** Logged for whoever looks for a fault. */
export type Detail =
  | { readonly kind: "family-removed"; readonly instance: Instance }
  /** So many probes were due while nobody called. */
  | { readonly kind: "missed"; readonly instance: Instance; readonly count: number }
  | UnknownAnswer;

/** An answer that counts as unknown, and why. */
export interface UnknownAnswer {
  readonly kind: "answer-out-of-window" | "answer-fake" | "answer-duplicate";
  readonly instance: Instance;
  readonly sequence: Sequence;
  readonly from: IpAddress;
  /** The slot that it belongs to; undefined outside the window. */
  readonly probe: Probe | undefined;
}

export type ProbeEvent = PublishedEvent | Notice | Detail;
