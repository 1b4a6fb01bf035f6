/** IP prefixes, as `192.0.2.0/24`: sets of addresses that begin with the same bits (RFC 4632, RFC 4291 section 2.3). */

import { familyOf, type IpAddress, type IpFamily, ipOctets, parseIpAddress } from "./ip-address.ts";

export interface IpPrefix {
  readonly family: IpFamily;
  readonly address: IpAddress;
  /** Bits: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefixLength: number;
}

const BITS: Readonly<Record<IpFamily, number>> = { ipv4: 32, ipv6: 128 };

/** `192.0.2.0/24`, or an address alone, which is the prefix of that one host. Undefined when it is neither. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const [, addressText = "", lengthText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIpAddress(addressText);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  const prefixLength = lengthText === undefined ? BITS[family] : Number(lengthText);
  return prefixLength <= BITS[family] ? { family, address, prefixLength } : undefined;
}

/** Whether an address begins with the bits of the prefix. One of the other family does not. */
export function contains(prefix: Readonly<{ address: string; prefixLength: number }>, address: string): boolean {
  const [mine, other] = [ipOctets(prefix.address), ipOctets(address)];
  if (mine === undefined || other?.length !== mine.length) return false;
  return mine.every((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefix.prefixLength - 8 * index));
    return (octet ^ (other[index] ?? 0)) >> (8 - bits) === 0;
  });
}

const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i;

/** Whether a valid address is one of fe80::/10, which mean something on one link only. */
export function isLinkLocal(address: string): boolean {
  return LINK_LOCAL.test(address);
}
