/** What a group is to be, from the configuration or from discovery. */

import { isDeepStrictEqual } from "node:util";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { AGGREGATE_KINDS } from "../../link/aggregate.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { GroupRule } from "../../membership/rule.ts";
import type { GroupSource } from "../../snapshot/snapshot.ts";
import type { Link } from "../links/link.ts";

export interface GroupPlan {
  readonly rule: GroupRule;
  readonly ifname: string;
  readonly source: GroupSource;
  /** How traffic is spread: "ipmp" groups have nominees and bound addresses, others ("ecmp", "802.3ad" …) do not. */
  readonly mode: string;
  /** The bond, team or LAG that the group is; of a LAG undefined until its device has told of it. */
  readonly master?: Link;
  /** The system that has this group itself: what that says of it holds. */
  readonly system?: SystemPlan;
  /** Whether its members are active as default routes use them. */
  readonly followsRoutes?: true;
  /** Data addresses. */
  readonly addresses: readonly string[];
  readonly minActive: number;
  /** Links that belong to it and are no members, because another member counts what they carry. */
  readonly leftOut?: readonly Refusal[];
  /** Whether probes are sent through its members. */
  readonly probed: boolean;
}

export interface SystemPlan {
  /** Name of the source that tells of it. */
  readonly source: string;
  /** When its counters began, on the system's clock: another time is another group of that name. */
  readonly crtime: bigint | undefined;
  /** The same on our clock. */
  readonly began: Hrtime;
}

/** A link that was to join and may not. */
export interface Refusal {
  readonly device: string;
  readonly errno: string;
  readonly why: string;
}

/** Whether the group is what a link layer has made: its members are those of that, and let in as they are. */
export function isAggregate({ source }: GroupPlan): boolean {
  return AGGREGATES.has(source);
}

const AGGREGATES: ReadonlySet<GroupSource> = new Set(AGGREGATE_KINDS);

/** ifIndex of the bond or team of this host that the group is, which is the group's too. */
export function masterIfindexOf({ master }: GroupPlan): number | undefined {
  return master?.id.source === LOCAL ? master.ifindex : undefined;
}

/** A bond that was made anew is another link, however alike the two are. */
export function isSamePlan(plan: GroupPlan, other: GroupPlan | undefined): boolean {
  return plan.master === other?.master && isDeepStrictEqual(plan, other);
}
