/** A group of interfaces as the prober keeps it (mpd_tables.h, struct phyint_group). */

import type { Phyint } from "./phyint.ts";
import { intervalOf, type Prober } from "./prober.ts";
import type { Nanoseconds } from "./time.ts";

export type GroupState = "ok" | "degraded" | "failed";

/** The anonymous group: interfaces in no group, watched with `trackAll`. Each is judged alone, and the group is always ok. */
export const ANONYMOUS = "";

export class Group {
  readonly name: string;
  readonly prober: Prober;
  state: GroupState;
  /** As configured, or longer while a target answers slowly. */
  failureDetectionTimeMs: number;
  intervalMs: number;
  /** When this group's failure detection time was last raised. */
  lastRaise: Nanoseconds = 0;
  /** Rises with every change that a reader of the group could see. */
  signature = 1;
  /** The last line about it in the log said that all its interfaces are unusable. */
  saidUnusable = false;
  /** The newest first. */
  readonly members: Phyint[] = [];

  constructor(name: string, prober: Prober) {
    this.name = name;
    this.prober = prober;
    this.state = this.isAnonymous ? "ok" : "failed";
    this.failureDetectionTimeMs = prober.settings.failureDetectionTimeMs;
    this.intervalMs = intervalOf(this.failureDetectionTimeMs);
  }

  get isAnonymous(): boolean {
    return this.name === ANONYMOUS;
  }

  get hasFailed(): boolean {
    return this.state === "failed";
  }
}
