/** IP addresses: as people write them, as octets, and in the one text in which they can be compared (RFC 4291, RFC 5952). */

declare const brand: unique symbol;

/** An IPv4 or IPv6 address in canonical text, without a zone. Made only in this file. */
export type IpAddress = string & { readonly [brand]: "IpAddress" };

export type IpFamily = "ipv4" | "ipv6";

export function familyOf(address: IpAddress): IpFamily {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The canonical form; undefined when the text is not an address. A zone (`fe80::1%eth0`) is not accepted. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return ipAddressOf(ipOctets(text));
}

/** An address with the zone behind it, if there is one: `fe80::1%eth0` (RFC 4007 section 11). A zone is the name of a link. */
export function parseZoned(text: string): { readonly address: IpAddress | undefined; readonly zone?: string } {
  const [, bare = text, zone] = /^([^%]*)%([^%/\s]+)$/.exec(text) ?? [];
  return { address: parseIpAddress(bare), ...(zone === undefined ? {} : { zone }) };
}

/** The IPv4 address that an IPv4-mapped one stands for (RFC 4291 section 2.5.5.2); any other as it is. */
export function unmapped(address: IpAddress): IpAddress {
  return address.replace(/^::ffff:(?=\d+\.)/, "") as IpAddress;
}

/** The 4 or 16 octets of an address, in network order; undefined when the text is not an address. */
export function ipOctets(text: string): Uint8Array | undefined {
  const octets = text.includes(":") ? ipv6Octets(text) : ipv4Octets(text);
  return octets && Uint8Array.from(octets);
}

/** Four decimal numbers. A leading zero is refused, because some programs read it as octal (RFC 6943 section 3.1.1). */
function ipv4Octets(text: string): readonly number[] | undefined {
  const parts = text.split(".").map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : Number.NaN));
  return parts.length === 4 && parts.every((part) => part <= 255) ? parts : undefined;
}

const IPV6_OCTETS = 16;

/** Eight groups of hexadecimal digits, of which "::" stands for one or more that are zero (RFC 4291 section 2.2). */
function ipv6Octets(text: string): readonly number[] | undefined {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const before = groupOctets(head, tail === undefined);
  if (tail === undefined) return before?.length === IPV6_OCTETS ? before : undefined;
  const after = groupOctets(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const missing = IPV6_OCTETS - before.length - after.length;
  return missing < 2 ? undefined : [...before, ...Array<number>(missing).fill(0), ...after];
}

/** The octets of groups such as `2001:db8`. The last group of an address may be IPv4 text, as in `::ffff:192.0.2.1`. */
function groupOctets(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const octets: number[] = [];
  for (const [index, part] of parts.entries()) {
    const ipv4 = isEnd && index === parts.length - 1 ? ipv4Octets(part) : undefined;
    if (ipv4 !== undefined) octets.push(...ipv4);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      octets.push(group >> 8, group & 0xff);
    } else return undefined;
  }
  return octets;
}

/**
 * The canonical text of 4 or 16 octets in network order: dotted IPv4; IPv6 in lower case with the longest run of zero groups as
 * "::" (RFC 5952 section 4), an IPv4-mapped one with its last part dotted (section 5). Undefined for any other number of octets.
 */
export function ipAddressOf(octets: Uint8Array | undefined): IpAddress | undefined {
  if (octets?.length === 4) return octets.join(".") as IpAddress;
  if (octets?.length !== IPV6_OCTETS) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, IPV6_OCTETS);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${octets.subarray(12).join(".")}` as IpAddress;
  const [from, to] = longestZeros(groups);
  const words = groups.map((group) => group.toString(16));
  if (to - from < 2) return words.join(":") as IpAddress;
  return `${words.slice(0, from).join(":")}::${words.slice(to).join(":")}` as IpAddress;
}

/** The first of the longest runs of zero groups, as [from, to). */
function longestZeros(groups: readonly number[]): readonly [from: number, to: number] {
  let best: readonly [number, number] = [0, 0];
  let from = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) from = index + 1;
    else if (index + 1 - from > best[1] - best[0]) best = [from, index + 1];
  }
  return best;
}
