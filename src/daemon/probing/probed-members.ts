/** The members that are probed, by a name that they keep for as long as they are there: the machine knows them by it. */

import { isDeepStrictEqual } from "node:util";
import type { LinkAddress } from "../../link/link-address.ts";
import { LOCAL } from "../../link/link-id.ts";
import type { Group } from "../groups/group.ts";
import type { Member } from "../groups/member.ts";
import { type ProbePlan, planProbes, type TargetSources } from "./probe-plan.ts";

export interface ProbedMember {
  readonly group: Group;
  readonly member: Member;
  readonly plan: ProbePlan;
}

/** Links of this host in groups that are probed. A link may be renamed; its ifindex stays. */
export function probedMembers(
  groups: Iterable<Group>,
  sources: TargetSources,
  before: ReadonlyMap<string, ProbedMember>,
): Map<string, ProbedMember> {
  const members = new Map<string, ProbedMember>();
  for (const group of groups) {
    if (!group.plan.probed) continue;
    for (const member of group.members.values()) {
      const { link } = member;
      if (link.id.source !== LOCAL) continue;
      const key = String(link.ifindex);
      const plan = planProbes(link, group.plan.addresses, sources);
      members.set(key, { group, member, plan: settled(plan, member, before.get(key)) });
    }
  }
  return members;
}

/** Each group with those of its members that are probed, by their names; in the order of the members. */
export function membersByGroup(members: ReadonlyMap<string, ProbedMember>): Map<Group, [key: string, Member][]> {
  const groups = new Map<Group, [key: string, Member][]>();
  for (const [key, { group, member }] of members) {
    const others = groups.get(group);
    if (others) others.push([key, member]);
    else groups.set(group, [[key, member]]);
  }
  return groups;
}

/** Groups or interfaces of the machine, which keeps lists, for whoever looks for each of many. */
export function byName<T extends { readonly name: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((each) => [each.name, each]));
}

/** A link that is lost takes its routes with it: until it is back, it keeps the plan that it had, if it still has the addresses. */
function settled(plan: ProbePlan, { link }: Member, before: ProbedMember | undefined): ProbePlan {
  if (!before) return plan;
  if (isDeepStrictEqual(plan, before.plan)) return before.plan;
  const isThere = (address: LinkAddress | undefined) =>
    address === undefined || link.addresses.some((own) => own.address === address.address);
  const { ipv4, ipv6 } = before.plan.from;
  const keeps = !link.attributes.running && !plan.isFixed && isThere(ipv4) && isThere(ipv6);
  return keeps ? before.plan : plan;
}
