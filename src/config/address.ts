/** IP addresses and prefixes as people write them, and in the one form in which they can be compared (RFC 5952). */

import { isIP, SocketAddress } from "node:net";

declare const brand: unique symbol;

/** An IPv4 or IPv6 address in canonical text, without a zone. Made only by {@link parseIpAddress}. */
export type IpAddress = string & { readonly [brand]: "IpAddress" };

export interface IpPrefix {
  readonly family: "ipv4" | "ipv6";
  readonly address: IpAddress;
  /** 0 to 32, or 0 to 128. */
  readonly prefixLength: number;
}

export function familyOf(address: IpAddress): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The canonical form, or undefined when it is not an address. A zone (`fe80::1%eth0`) is not accepted. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const version = isIP(text);
  if (version === 0 || text.includes("%")) return undefined;
  const family = version === 6 ? "ipv6" : "ipv4";
  // The text is an address and inet_ntop wrote it: that is what the brand says.
  return new SocketAddress({ address: text, family }).address as IpAddress;
}

/** `192.0.2.0/24`, or an address alone, which is the prefix of that one host. Undefined when it is neither. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [, addressText = "", lengthText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIpAddress(addressText);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const bits = family === "ipv6" ? 128 : 32;
  const prefixLength = lengthText === undefined ? bits : Number(lengthText);
  return prefixLength <= bits ? { family, address, prefixLength } : undefined;
}
