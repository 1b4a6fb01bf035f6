/** Addresses as text in one canonical form each, so that equal addresses are equal strings. */

export const FAMILIES = ["v4", "v6"] as const;
export type Family = (typeof FAMILIES)[number];

/** What goes with a family. Asked by name, because a property by a name that changes is looked up each time. */
export function ofFamily<T>({ v4, v6 }: { readonly v4: T; readonly v6: T }, family: Family): T {
  return family === "v4" ? v4 : v6;
}

/** An IP address: `192.0.2.1`, or eight groups of lower-case hex without leading zeros and without `::`. */
export type IpAddress = string;

/** A link-layer address: two lower-case hex digits an octet, joined with `:`; the empty string has length zero. */
export type LinkLayerAddress = string;

/** INADDR_ANY and the IPv6 unspecified address. */
export const UNSPECIFIED: Readonly<Record<Family, IpAddress>> = { v4: "0.0.0.0", v6: "0:0:0:0:0:0:0:0" };

/** V4MASK/V6 unspecified test; the short form `::` is understood too. */
export function isUnspecified(address: IpAddress): boolean {
  return address === "0.0.0.0" || address === "0:0:0:0:0:0:0:0" || address === "::";
}

/** Octets of a link-layer address (ill_phys_addr_length). */
export function linkLayerLength(address: LinkLayerAddress): number {
  return ((address.length + 1) / 3) | 0;
}

/** The smallest MTU that IP allows: IP_MIN_MTU and IPV6_MIN_MTU. */
export const MIN_MTU: Readonly<Record<Family, number>> = { v4: 68, v6: 1280 };
