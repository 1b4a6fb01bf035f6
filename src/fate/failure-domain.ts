/** What can fail and take links with it. */

/**
 * `link`: a link itself, or the one that it lies on (a VLAN, a macvlan). `card`: the PCI slot or USB device that its ports are on.
 * `switch`: the switch at the other end, or that it is a port of. `gateway`: the router that its default route leads to. `chassis`: another
 * device whose port it is. `driver`: the kernel module that drives it.
 */
export const DOMAIN_KINDS = ["link", "card", "switch", "gateway", "chassis", "driver"] as const;
export type DomainKind = (typeof DOMAIN_KINDS)[number];

/** One thing that can fail. Two are the same when kind and domain are. */
export interface FailureDomain {
  readonly kind: DomainKind;
  /** Its name: "eth0", "0000:3b:00", a MAC, an address. */
  readonly domain: string;
  /** What people call it, where its domain does not tell: a switch with a MAC has a name. */
  readonly called?: string | undefined;
  /** Of a switch, who names it. */
  readonly by?: SwitchNaming | undefined;
}

/**
 * Who names a switch: itself by LLDP, itself by LACP, or the driver of a chip that a port of this host is of. Two may give one switch two names. A chip
 * tells nothing of what lies behind the cable.
 */
export type SwitchNaming = "lldp" | "lacp" | "chip";

export function isSameDomain(a: FailureDomain, b: FailureDomain): boolean {
  return a.kind === b.kind && a.domain === b.domain;
}

/** Those of the first list that every other one has too. */
export function inCommon(lists: readonly (readonly FailureDomain[])[]): FailureDomain[] {
  const [first = [], ...others] = lists;
  return first.filter((domain) => others.every((list) => list.some((other) => isSameDomain(domain, other))));
}
