/** Keys that are right and name a link or a group that there is not, for `check-config`: most often the name is misspelt. */

import type { Configuration } from "../../config/configuration.ts";
import { type LinkAttributes, namesOf } from "../../link/link-attributes.ts";
import { LOCAL } from "../../link/link-id.ts";
import { DEFAULT_GROUP } from "../../membership/default-route.ts";

/** What of a host decides it. */
export interface HostFacts {
  readonly links: readonly LinkAttributes[];
  /** Whether the system of this host has groups of its own, under names that only it knows. */
  readonly hasGroups: boolean;
}

/** One line each. */
export function idleKeys(configuration: Configuration, host: HostFacts): string[] {
  return [...idleTargets(configuration, host.links), ...idleFates(configuration, host)];
}

function idleTargets(
  { groups, detection: { probes }, discovery }: Configuration,
  links: readonly LinkAttributes[],
): string[] {
  const key = "detection.probes.targets";
  const rules = groups.flatMap(({ members }) => members).filter(({ source = LOCAL }) => source === LOCAL);
  return [...probes.targets.keys()].flatMap((device) => {
    const link = links.find((each) => namesOf(each).includes(device));
    const names = link ? namesOf(link) : [device];
    const isMeant = rules.some((rule) =>
      names.some((name) => (rule.kind === "device" ? rule.device === name : rule.match.test(name))),
    );
    if (isMeant) return [];
    if (!link) return [`${key}: no group has ${device}, and this host has no link of that name`];
    return discovery.defaultRoutes ? [] : [`${key}: no group has ${device}`];
  });
}

/** A group that is discovered has the name of a bond or a team, that of the uplinks, or one that another system tells. */
function idleFates({ groups, sharedFate, sources }: Configuration, { links, hasGroups }: HostFacts): string[] {
  const isToldOf = hasGroups || sources.some((source) => source.kind === "illumos" || source.discoversLags);
  if (isToldOf) return [];
  const known = new Set([
    DEFAULT_GROUP,
    ...groups.map(({ name }) => name),
    ...links.filter(({ aggregate }) => aggregate).map(({ name }) => name),
  ]);
  return sharedFate.flatMap(({ group }, index) =>
    group === undefined || known.has(group)
      ? []
      : [`shared_fate[${index}].group: there is no group ${group} to accept it for`],
  );
}
