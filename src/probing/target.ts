/** What a link sends its probes to: a router or a host, as one instance of an interface knows it (mpd_tables.h, struct target). */

import type { IpAddress } from "../ipmp/address.ts";
import { type RoundTrip, UNKNOWN } from "./round-trip.ts";
import type { Nanoseconds } from "./time.ts";

/** Probed; kept in reserve; set aside because it answers much later than the others, or not at all while others do. */
export type TargetStatus = "active" | "unused" | "slow" | "dead";

export class Target {
  readonly address: IpAddress;
  status: TargetStatus = "unused";
  roundTrip: RoundTrip = UNKNOWN;
  /** A sample that alone would lift the conservative round trip above the probe interval: it counts only if a second one follows. */
  deferred: Nanoseconds | undefined = undefined;
  /** When the answer came that it was taken from. */
  deferredAt: Nanoseconds = 0;
  /** tg_latime: when it was last found slow. */
  slowSince: Nanoseconds = 0;
  /** Whether the routing table had it at the last look. */
  seen = true;

  constructor(address: IpAddress) {
    this.address = address;
  }
}
