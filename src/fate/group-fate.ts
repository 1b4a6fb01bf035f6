/** What the members of a group have in common, and whether the group outlives it. */

import { DOMAIN_KINDS, type DomainKind, type FailureDomain, inCommon } from "./failure-domain.ts";

export interface GroupFate {
  /** Domains whose failure takes every usable member, where there are at least two. */
  readonly shared: readonly FailureDomain[];
  /** Whether some usable member is left when any one domain of the kind fails; no key where the system does not tell enough. */
  readonly survives: { readonly [K in DomainKind]?: boolean };
}

/** @param members the domains of each member that is active, or would be as soon as another fails */
export function fateOf(members: readonly (readonly FailureDomain[])[]): GroupFate {
  const survives: { [K in DomainKind]?: boolean } = {};
  for (const kind of DOMAIN_KINDS) {
    const told = members.map((domains) => domains.filter((domain) => domain.kind === kind)).filter(isNotEmpty);
    if (told.length === 0) continue;
    // Two members that share nothing are not lost together, whatever the others share with them.
    const outlives = inCommon(told).length === 0;
    if (outlives ? isSeveral(told) : told.length === members.length) survives[kind] = outlives;
  }
  return { shared: members.length < 2 ? [] : inCommon(members), survives };
}

/** Whose names tell two things apart: those of one naming. */
const NAMINGS: readonly FailureDomain["by"][] = [undefined, "lldp", "lacp"];

/** Whether these members depend on several things of a kind, and not on one that has several names. */
function isSeveral(told: readonly (readonly FailureDomain[])[]): boolean {
  return NAMINGS.some((naming) => {
    const named = told.map((domains) => domains.filter(({ by }) => by === naming)).filter(isNotEmpty);
    return named.length > 0 && inCommon(named).length === 0;
  });
}

function isNotEmpty(list: readonly unknown[]): boolean {
  return list.length > 0;
}
