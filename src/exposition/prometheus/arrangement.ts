/** Groups and members but for what they count and for times that pass: what changes only when something happens to them. */

import { DOMAIN_KINDS } from "../../fate/failure-domain.ts";
import { type GroupSnapshot, MEMBER_STATES, type MemberSnapshot } from "../../snapshot/snapshot.ts";
import { addCounts, type Subject, type Values } from "./subject.ts";

export const ARRANGEMENT: Subject = {
  whole({ startedAt, groups }, values) {
    values.add(startedAt);
    values.add(groups.length);
  },
  group: addGroup,
};

function addGroup(group: GroupSnapshot, values: Values): void {
  values.add(group.isPart);
  values.add(group.name);
  values.add(group.ifname);
  values.add(group.source);
  values.add(group.mode);
  values.add(group.crtime);
  values.add(group.linkUp);
  values.add(group.state);
  for (const state of MEMBER_STATES) values.add(group.counts[state]);
  values.add(group.mtu);
  values.add(group.membersExpected);
  for (const label of group.missing) values.add(label);
  values.add(group.missing.length);
  for (const { device, errno } of group.refused) {
    values.add(device);
    values.add(errno);
  }
  values.add(group.refused.length);
  values.add(group.castDevice?.ipv4);
  values.add(group.castDevice?.ipv6);
  values.add(group.addresses?.length);
  values.add(group.rebinds);
  values.add(group.castChanges);
  values.add(group.failovers);
  values.add(group.lastFailoverMs);
  values.add(group.failoverDurations);
  values.add(group.crossCheck?.agreesSinceMs);
  values.add(group.crossCheck?.disagreements);
  addFate(values, group.fate);
  values.add(group.monitor);
  values.add(group.lacp?.rate);
  values.add(group.lacp?.minLinks);
  values.add(group.lacp?.actorKey);
  values.add(group.lacp?.partnerLladdr);
  values.add(group.lacp?.partnerKey);
  for (const member of group.members) addMember(values, member);
  values.add(group.members.length);
}

function addFate(values: Values, fate: GroupSnapshot["fate"]): void {
  for (const kind of DOMAIN_KINDS) values.add(fate?.survives[kind]);
  const { shared = [] } = fate ?? {};
  for (const { kind, domain, accepted } of shared) {
    values.add(kind);
    values.add(domain);
    values.add(accepted);
  }
  values.add(shared.length);
}

function addMember(values: Values, member: MemberSnapshot): void {
  const { link, flags, domains = [], route } = member;
  values.add(member.device);
  values.add(member.label);
  values.add(link.id.source);
  values.add(link.attributes); // another object whenever the system told of the link
  values.add(member.state);
  values.add(member.active);
  values.add(member.linkUp);
  values.add(member.reason);
  for (const flag of flags) values.add(flag);
  values.add(flags.length);
  values.add(member.boundAddresses);
  values.add(route?.inRoute);
  values.add(route?.weight);
  values.add(route?.isReachable);
  values.add(member.lacp?.inActiveAggregator);
  values.add(member.joinedAt);
  addCounts(values, member.failures);
  addCounts(values, member.repairs);
  for (const { kind, domain } of domains) {
    values.add(kind);
    values.add(domain);
  }
  values.add(domains.length);
}
