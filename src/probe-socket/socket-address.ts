/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)): IP addresses and ports as the C library takes and gives them. */

import { type IpAddress, type IpFamily, ipAddressOf, ipOctets } from "../net-address/ip-address.ts";
import { AF_OF, ipFamilyOf } from "../os/socket.ts";

/** Where the address stands. */
const OCTETS = { ipv4: [4, 8], ipv6: [8, 24] } as const;

/** Bytes of the larger of the two. */
export const SOCKET_ADDRESS_MAX = 28;

/** `scope` is the ifindex on which a link-local address is meant. */
export function socketAddress(family: IpFamily, address: string, port: number, scope: number): Uint8Array {
  const bytes = new Uint8Array(family === "ipv4" ? 16 : SOCKET_ADDRESS_MAX);
  const view = new DataView(bytes.buffer);
  new Uint16Array(bytes.buffer)[0] = AF_OF[family]; // in the machine's own order
  view.setUint16(2, port);
  bytes.set(ipOctets(address) ?? [], OCTETS[family][0]);
  if (family === "ipv6") new Uint32Array(bytes.buffer)[6] = scope; // likewise
  return bytes;
}

/** The address and the port of a sockaddr that begins at `start`; undefined when it is of neither family. */
export function parseSocketAddress(
  bytes: Uint8Array,
  start = 0,
): { readonly address: IpAddress; readonly port: number } | undefined {
  const family = ipFamilyOf(new Uint16Array(bytes.slice(start, start + 2).buffer)[0]);
  if (family === undefined) return undefined;
  const [from, to] = OCTETS[family];
  const address = ipAddressOf(bytes.subarray(start + from, start + to));
  if (address === undefined) return undefined;
  return { address, port: ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0) };
}
