/**
 * What would become of the groups if something failed. A copy of each group that this concerns takes the loss, and the engine's copy
 * rearranges itself; so the answer is the engine's own. The groups themselves, their history and their counters are left alone.
 */

import { type FailureDomain, isSameDomain } from "../../fate/failure-domain.ts";
import { addressesOf, ownDomainsOf } from "../../fate/link-domains.ts";
import { domainNamed, type KnownDomain, listOfDomains, nameOfDomain } from "../../fate/named-domain.ts";
import type { Hrtime } from "../../kstat/hrtime.ts";
import { namesOf } from "../../link/link-attributes.ts";
import { linkLabel } from "../../link/link-id.ts";
import {
  GROUP_STATES,
  type GroupSnapshot,
  MEMBER_STATES,
  type MemberSnapshot,
  type Snapshot,
} from "../../snapshot/snapshot.ts";
import type { SupposedFailure, Supposition } from "../../snapshot/supposition.ts";
import type { DetectionSettings } from "../groups/detection.ts";
import type { Group } from "../groups/group.ts";
import { lacpOfBond } from "../groups/lacp.ts";
import type { Link } from "../links/link.ts";
import type { Links } from "../links/links.ts";
import { addressSnapshots } from "../snapshots/address-snapshots.ts";
import type { GroupFates } from "../snapshots/group-fates.ts";
import { MemberView } from "../snapshots/member-view.ts";
import { capacityOf, countByState } from "../snapshots/summary.ts";
import { supposeGroup } from "./supposed-group.ts";
import { SupposedLinks } from "./supposed-links.ts";

export interface WhatIfParts {
  readonly links: Links;
  readonly groups: Iterable<Group>;
  readonly fates: GroupFates;
  readonly settings: DetectionSettings;
}

/** @param snapshot how things are at `now` */
export function whatIf(without: readonly string[], parts: WhatIfParts, snapshot: Snapshot, now: Hrtime): Supposition {
  const { links, fates } = parts;
  const known = [...links].flatMap((link) => knownOf(link, fates));
  const failed: FailureDomain[] = [];
  for (const name of without) {
    const domain = domainNamed(name, known);
    if (!domain) return { kind: "unknown", message: unknownMessage(name, known, parts) };
    failed.push(domain);
  }
  const supposed = new SupposedLinks(failed, (source) => fates.systemOf(source));
  const byName = new Map(Array.from(parts.groups, (group) => [group.name, group]));
  const groups = snapshot.groups.map((shown) => {
    const group = byName.get(shown.name);
    if (!group || !isConcerned(group, supposed)) return shown;
    return groupSnapshot(shown, supposeGroup(group, supposed, parts.settings, now), supposed, parts);
  });
  const shownLinks = snapshot.links.map((shown) => {
    const link = links.get(shown.id);
    return link && supposed.isChanged(link) ? { ...shown, attributes: supposed.of(link).attributes } : shown;
  });
  return {
    kind: "supposed",
    snapshot: {
      ...snapshot,
      groups,
      counts: countByState(GROUP_STATES, groups),
      links: shownLinks,
      without: failed.map(
        (domain): SupposedFailure => ({
          ...domain,
          name: nameOfDomain(domain),
          links: lostWith(domain, links, supposed),
        }),
      ),
    },
  };
}

/** What a link depends on by itself, with all names by which it is known. */
function knownOf(link: Link, fates: GroupFates): KnownDomain[] {
  const { id, attributes } = link;
  const system = fates.systemOf(id.source);
  const aliasesOf = ({ kind, domain, called }: FailureDomain): string[] => {
    if (kind === "link") return namesOf(attributes).map((name) => linkLabel(id.source, name));
    return kind === "gateway" ? addressesOf(domain, attributes, system) : [called ?? []].flat();
  };
  return ownDomainsOf(attributes, system).map((domain) => ({ ...domain, aliases: aliasesOf(domain) }));
}

/** What some group depends on comes first: a host can have thousands of links. */
function unknownMessage(name: string, known: readonly KnownDomain[], { groups, fates }: WhatIfParts): string {
  const concerned = [...groups].flatMap(({ members }) => [...members.keys()].flatMap((link) => fates.domainsOf(link)));
  const there = listOfDomains([...concerned, ...known]);
  return `Nothing here is called "${name}": expected the name of a link, or KIND=NAME; there are ${there || "none"}`;
}

function isConcerned({ members, plan }: Group, supposed: SupposedLinks): boolean {
  if (plan.master && supposed.isChanged(plan.master)) return true;
  return [...members.keys()].some((link) => supposed.isChanged(link));
}

function lostWith(domain: FailureDomain, links: Links, supposed: SupposedLinks): string[] {
  return [...links]
    .filter((link) => {
      const cause = supposed.lossOf(link)?.cause;
      return cause !== undefined && isSameDomain(cause, domain);
    })
    .map(({ label }) => label)
    .sort();
}

/** The group of the snapshot with what would be another way. */
function groupSnapshot(
  shown: GroupSnapshot,
  copy: Group,
  supposed: SupposedLinks,
  { links, fates }: WhatIfParts,
): GroupSnapshot {
  const lacp = lacpOfBond(copy.plan.master, copy.members.values());
  const usable: (readonly FailureDomain[])[] = [];
  const members = shown.members.map((member): MemberSnapshot => {
    const link = links.get(member.link.id);
    const then = link && copy.members.get(supposed.of(link));
    if (!then) return member;
    const domains = supposed.domainsOf(link);
    if (copy.isReadyToUse(then)) usable.push(domains);
    const linkThen = { ...member.link, kstat: member.link.kstat, attributes: then.link.attributes };
    return new MemberView(then, linkThen, member.share, copy, lacp, member.probes, domains);
  });
  const isIpmp = shown.mode === "ipmp";
  return {
    ...shown,
    state: copy.currentState(),
    linkUp: copy.linkUp,
    counts: countByState(MEMBER_STATES, members),
    capacity: capacityOf(members),
    castDevice: isIpmp ? copy.castDevices : undefined,
    addresses: isIpmp && shown.addresses ? addressesThen(copy) : undefined,
    fate: fates.fateOf(shown.name, usable),
    lacp,
    members,
  };
}

/** Which links have an address now says nothing about then. */
function addressesThen(copy: Group): GroupSnapshot["addresses"] {
  return addressSnapshots(copy, () => []).map(({ heldBy: _, ...address }) => address);
}
