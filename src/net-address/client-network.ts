/** Who counts as one client: an IPv4 address, or an IPv6 network of 64 bits, since a host with IPv6 has 2^64 addresses to choose from. */

import { ipAddressOf, ipOctets, parseIpAddress, unmapped } from "./ip-address.ts";

const NETWORK_OCTETS = 8;

/**
 * `address` as the system writes that of a peer: with a zone, or an IPv4 one within IPv6, if need be. What is no address is a client
 * by itself.
 */
export function clientNetwork(address: string): string {
  if (!address.includes(":")) return address;
  const [bare = ""] = address.split("%");
  const canonical = parseIpAddress(bare);
  if (canonical === undefined) return address;
  const host = unmapped(canonical);
  return host.includes(":") ? `${ipAddressOf(ipOctets(host)?.fill(0, NETWORK_OCTETS))}/64` : host;
}
