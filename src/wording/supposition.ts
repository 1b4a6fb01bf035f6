/** What is said of groups that something is supposed to have failed for: "Without eth1, wan would be degraded: …". */

import type { FailureDomain } from "../fate/failure-domain.ts";
import { list, type Word } from "./verdict.ts";

/** The sentence about the groups, begun with what is supposed to be gone. */
export function withoutWords(without: readonly FailureDomain[], [first = "", ...rest]: readonly Word[]): Word[] {
  const start = typeof first === "string" ? first.slice(0, 1).toLowerCase() + first.slice(1) : first;
  return [`Without ${thingsIn(without)}, `, start, ...rest];
}

/** Which links are lost with it: "eth1 and eth1.10 would be lost". */
export function lossSentence({ links, ...domain }: FailureDomain & { readonly links: readonly string[] }): string {
  if (links.length === 0) return `No link would be lost with ${thingIn(domain)}.`;
  const isAmongThem = domain.kind === "link" && links.includes(domain.domain);
  return isAmongThem ? `${list(links)} would be lost.` : `With ${thingIn(domain)}, ${list(links)} would be lost.`;
}

function thingsIn(domains: readonly FailureDomain[]): string {
  return list(domains.map(thingIn));
}

/** A link needs no word beside its name. */
function thingIn({ kind, domain }: FailureDomain): string {
  return kind === "link" ? domain : `${kind} ${domain}`;
}
