/** What members of a group share, said to people: "both members are on one card (0000:3b:00)". */

import type { DomainKind } from "../fate/failure-domain.ts";

/** After "both members" or "all 3 members". */
const SHARE: Readonly<Record<DomainKind, string>> = {
  link: "lie on one link",
  card: "are on one card",
  switch: "lead to one switch",
  gateway: "lead to one gateway",
  chassis: "are ports of one device",
  driver: "are driven by one driver",
};

/**
 * Kinds of which one for all is no oversight: a host buys its cards alike, and who groups the ports of one device has named it. They are told,
 * and nobody is warned.
 */
const EXPECTED: ReadonlySet<DomainKind> = new Set(["chassis", "driver"]);

export interface SharedDomainFacts {
  readonly kind: DomainKind;
  readonly domain: string;
  readonly called?: string | undefined;
  /** Why it is meant to be so, where the configuration says it. */
  readonly accepted: string | undefined;
}

export function isWarnedOf({ kind, accepted }: Pick<SharedDomainFacts, "kind" | "accepted">): boolean {
  return accepted === undefined && !EXPECTED.has(kind);
}

/** @param usable how many members work or could */
export function sharedFateClause({ kind, domain, called }: SharedDomainFacts, usable: number): string {
  const which = called === undefined ? domain : `${called}, ${domain}`;
  return `${usable === 2 ? "both members" : `all ${usable} members that work`} ${SHARE[kind]} (${which})`;
}
