/** What somebody means who names a thing that may fail: "eth1", "switch=02:aa:00:00:00:01", "card=0000:3b:00". */

import { DOMAIN_KINDS, type DomainKind, type FailureDomain, isSameDomain } from "./failure-domain.ts";

/** A thing that is there, with whatever else it is called. */
export interface KnownDomain extends FailureDomain {
  /** Other names of a link, the name of a switch, the addresses of a gateway. */
  readonly aliases: readonly string[];
}

/** Undefined: nothing that is there is called so. A name without a kind is a link's. */
export function domainNamed(name: string, known: readonly KnownDomain[]): FailureDomain | undefined {
  const { kind, domain } = parse(name);
  const link = known.find((each) => each.kind === "link" && isCalled(each, name)); // a link may be called "switch=1"
  const ofKind = known.filter((each) => each.kind === kind);
  const exact = ofKind.find((each) => isCalled({ ...each, aliases: [] }, domain));
  const found = link ?? exact ?? only(ofKind.filter((each) => isCalled(each, domain)));
  return found && { kind: found.kind, domain: found.domain };
}

/** Two switches may have one name, two gateways on two links one address: then it names neither. */
function only([first, ...others]: readonly KnownDomain[]): KnownDomain | undefined {
  return first && others.every((other) => isSameDomain(first, other)) ? first : undefined;
}

/** As it can be named again. */
export function nameOfDomain({ kind, domain }: FailureDomain): string {
  return kind === "link" ? domain : `${kind}=${domain}`;
}

/** What each of a list is called, kind by kind, each once. */
export function namesOfDomains(known: readonly FailureDomain[]): string[] {
  const names = DOMAIN_KINDS.flatMap((kind) => known.filter((domain) => domain.kind === kind).map(nameOfDomain));
  return [...new Set(names)];
}

/** So many things of a kind are listed. */
const LISTED = 12;

/** The things of a list by kind, each once, for people: "eth0, eth1, card=0000:3b:00". */
export function listOfDomains(known: readonly FailureDomain[]): string {
  return DOMAIN_KINDS.flatMap((kind) => {
    const names = namesOfDomains(known.filter((domain) => domain.kind === kind));
    const rest = names.length - LISTED;
    return rest > 0 ? [...names.slice(0, LISTED), `${rest} more of kind ${kind}`] : names;
  }).join(", ");
}

/** Of a PCI function, "0000:3b:00.1". */
function slotOf(name: string): string | undefined {
  return /^([0-9a-f]+:[0-9a-f]{2}:[0-9a-f]{2})\.[0-7]$/.exec(name)?.[1];
}

function parse(name: string): { readonly kind: DomainKind; readonly domain: string } {
  const at = name.indexOf("=");
  const kind = DOMAIN_KINDS.find((each) => each === name.slice(0, Math.max(0, at)).toLowerCase());
  return kind === undefined ? { kind: "link", domain: name } : { kind, domain: name.slice(at + 1) };
}

/** Case does not tell MACs, PCI addresses and switches apart; names of links it does. A PCI address may be given with its function. */
export function isCalled({ kind, domain, aliases }: KnownDomain, name: string): boolean {
  if (kind === "link") return domain === name || aliases.includes(name);
  const wanted = name.toLowerCase();
  const names = [domain, ...aliases].map((each) => each.toLowerCase());
  return names.includes(wanted) || (kind === "card" && domain === slotOf(wanted));
}
