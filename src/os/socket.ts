/** Numbers of socket(2), socket(7) and address families on Linux (asm-generic/socket.h, bits/socket.h). */

export const AF = { UNSPEC: 0, INET: 2, INET6: 10, NETLINK: 16 } as const;
export const SOCK = { DGRAM: 2, RAW: 3, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;
export const SOL_SOCKET = 1;

export const AF_OF = { ipv4: AF.INET, ipv6: AF.INET6 } as const;

/** Undefined for any family but the two of IP. */
export function ipFamilyOf(number: number | undefined): "ipv4" | "ipv6" | undefined {
  if (number === AF.INET) return "ipv4";
  return number === AF.INET6 ? "ipv6" : undefined;
}
