/** `/api/v1/groups` as the commands for people read it, and what is said of a group in it. */

import * as z from "zod";
import { DOMAIN_KINDS } from "../fate/failure-domain.ts";
import { linkLabel } from "../link/link-id.ts";
import { bySeverity, type Verdict } from "../wording/verdict.ts";

/** Null where the link's system does not count them. */
const BYTES = z.object({ rbytes64: z.string().nullable(), obytes64: z.string().nullable() });

const memberSchema = z.object({
  domains: z.array(z.object({ kind: z.enum(DOMAIN_KINDS), domain: z.string() })).nullish(),
  device: z.string(),
  source: z.string(),
  state: z.enum(["active", "inactive", "failed", "offline"]),
  link_up: z.boolean(),
  speed_bits_per_second: z.number().nullish(),
  standby: z.boolean(),
  reason: z.string().nullish(),
  in_route: z.boolean().nullish(),
  route_weight: z.number().nullish(),
  bound_addresses: z.number().nullish(),
  failures: z.record(z.string(), z.string()),
  link_kstat: BYTES,
  probes: z
    .object({
      state: z.enum(["ok", "failed", "unknown", "disabled"]),
      families: z.array(
        z.object({
          method: z.string(),
          mode: z.string(),
          targets: z.array(z.object({ address: z.string(), state: z.string() })),
        }),
      ),
    })
    .nullish(),
});

const groupSchema = z.object({
  name: z.string(),
  ifname: z.string(),
  source: z.string(),
  mode: z.string(),
  state: z.enum(["ok", "degraded", "failed"]),
  verdict: z.object({
    is_single: z.boolean(),
    since: z.string(),
    is_older: z.boolean(),
    because: z.string(),
    warnings: z.array(z.string()),
  }),
  crtime: z.string(),
  members_expected: z.number(),
  capacity_bits_per_second: z.number().nullish(),
  capacity_without_largest_bits_per_second: z.number().nullish(),
  addresses: z.array(z.object({ address: z.string(), up: z.boolean(), inbound: z.string().nullable() })).nullish(),
  missing: z.array(z.string()),
  refused: z.array(z.object({ device: z.string(), errno: z.string(), why: z.string() })),
  failovers: z.string(),
  last_failover: z.string().nullish(),
  kstats: BYTES,
  members: z.array(memberSchema),
});

export const groupsAnswer = z.object({
  at: z.string(),
  time: z.string(),
  without: z
    .array(z.object({ name: z.string(), kind: z.enum(DOMAIN_KINDS), domain: z.string(), links: z.array(z.string()) }))
    .optional(),
  groups: z.array(groupSchema),
});

export type GroupAnswer = z.output<typeof groupSchema>;
export type MemberAnswer = z.output<typeof memberSchema>;

/** What a member is called beside those of other systems, which may have the same names. */
export function labelOf({ source, device }: MemberAnswer): string {
  return linkLabel(source, device);
}

/** The worst first. */
export function inOrderOfTrouble(groups: readonly GroupAnswer[]): GroupAnswer[] {
  return [...groups].sort(bySeverity);
}

/** `isSupposed`: whether the answer is about what would be. */
export function verdictIn({ name, state, verdict }: GroupAnswer, isSupposed = false): Verdict {
  const { is_single: isSingle, since, is_older: isOlder, because, warnings } = verdict;
  return { group: name, state, isSingle, sinceMs: Date.parse(since), isOlder, because, warnings, isSupposed };
}
