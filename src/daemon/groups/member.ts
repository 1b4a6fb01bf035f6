/** A link that has joined a group: its phyint in the engine, and what people want to know about its time there. */

import { PHYI } from "../../ipmp/flags.ts";
import type { Phyint } from "../../ipmp/phyint.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { LOCAL } from "../../link/link-id.ts";
import { isReachable, type RouteUse } from "../../membership/route-use.ts";
import type { MemberState } from "../../snapshot/snapshot.ts";
import type { SavedFlag, SavedMember } from "../../state/saved-state.ts";
import type { Link } from "../links/link.ts";

/**
 * A lost link; a monitor of the bond that asked over the link in vain; LACP that does not use it, although it is there; a device that does
 * not answer, so that nobody knows whether it is.
 */
export type FailureReason = (typeof FAILURE_REASONS)[number];
export const FAILURE_REASONS = ["link", "probe", "lacp", "source"] as const;

const SAVED_FLAGS: readonly SavedFlag[] = ["FAILED", "OFFLINE", "INACTIVE", "STANDBY"];

export class Member {
  readonly link: Link;
  readonly phyint: Phyint;
  readonly joinedAt: Hrtime;
  standby: boolean;
  /** if_mpadm -d: taken out of service by request. */
  offlined = false;
  /** Flags that an earlier run left on its interface; undefined of a member that is new. */
  flagsBefore: readonly SavedFlag[] | undefined = undefined;
  /** Why detection did not make it active; undefined where the flags say it. */
  why: string | undefined = undefined;
  /** What the default routes make of it; undefined in a group that does not follow them. */
  route: RouteUse | undefined = undefined;
  /** What probes say against it, for people: "5 probes lost to 192.0.2.1". Undefined: nothing. */
  probeFailure: string | undefined = undefined;
  /** What has taken back the last of these. */
  probeRepair: string | undefined = undefined;
  /** Whether its group uses it is not told (a team's port, to an unprivileged program): not called active, and not idle to the engine. */
  isUseUnknown = false;
  /** What found the failure that was counted and of which no repair has been; undefined where there is none. */
  failedBy: FailureReason | undefined = undefined;
  /** As last announced; undefined until the first detection after the join. */
  state: MemberState | undefined = undefined;
  /** Whether its link was down when last looked at; undefined until the first look. */
  linkDown: boolean | undefined = undefined;

  constructor(link: Link, phyint: Phyint, standby: boolean, joinedAt: Hrtime) {
    this.link = link;
    this.phyint = phyint;
    this.standby = standby;
    this.joinedAt = joinedAt;
  }

  /** Whether it is on the list of active ills of either family. */
  get active(): boolean {
    if (this.isUseUnknown) return false;
    const { v4, v6 } = this.phyint;
    return v4?.grp?.actif.includes(v4) === true || v6?.grp?.actif.includes(v6) === true;
  }

  /** What its flags make it: OFFLINE before FAILED before INACTIVE. */
  currentState(): MemberState {
    const { flags } = this.phyint;
    if ((flags & PHYI.OFFLINE) !== 0) return "offline";
    if ((flags & PHYI.FAILED) !== 0) return "failed";
    return (flags & PHYI.INACTIVE) !== 0 || this.isUseUnknown ? "inactive" : "active";
  }

  save(): SavedMember {
    const { name, ifindex, lladdr, running, adminUp, mtu, speedBitsPerSecond, masterIfindex, masterName } =
      this.link.attributes;
    const { source } = this.link.id;
    const { bits } = this.link.settled;
    const each = typeof bits === "number" ? undefined : bits;
    const elsewhere = { running, adminUp, mtu, speedBitsPerSecond, masterIfindex, masterName, bits: each };
    return {
      source,
      device: name,
      ifindex,
      lladdr,
      crtime: this.link.crtime,
      joinedAt: this.joinedAt,
      offlined: this.offlined,
      flags: SAVED_FLAGS.filter((flag) => (this.phyint.flags & PHYI[flag]) !== 0),
      probeFailure: this.probeFailure,
      ...(source === LOCAL ? {} : { elsewhere }),
      baseline: this.phyint.kstats0, // taken at the join, and never changed while it is a member
      reading: this.link.settled,
    };
  }

  /** Whether it works, or could at once: a link that no route uses could not. */
  get isUsable(): boolean {
    const state = this.currentState();
    return state === "active" || (state === "inactive" && !this.isUnreachable);
  }

  /** No traffic of a default route comes to it, whatever becomes of the others. */
  get isUnreachable(): boolean {
    return !isReachable(this.route?.rank);
  }

  /** Why it is not active, for people. */
  reason(): string | undefined {
    const { adminUp } = this.link.attributes;
    if (this.why !== undefined) return this.why;
    switch (this.currentState()) {
      case "offline":
        return this.offlined ? "taken offline by request" : adminUp ? undefined : "administratively down";
      case "failed":
        return this.link.unanswered ?? "link down";
      case "inactive":
        return this.standby ? "standby, not needed" : "repaired, failback is off";
      case "active":
        return this.active ? undefined : "waiting to be activated";
      default:
        return undefined;
    }
  }
}
