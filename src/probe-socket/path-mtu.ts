/** How large a packet may be on the way to an address, as far as the kernel knows (IP_MTU of ip(7), IPV6_MTU of ipv6(7)). */

import { type IpFamily, parseZoned } from "../net-address/ip-address.ts";
import { type Libc, LibcError, loadLibc } from "../os/libc.ts";
import { AF_OF, SOCK } from "../os/socket.ts";
import { socketAddress } from "./socket-address.ts";

/** Octets; undefined where the kernel does not say, as when no route leads there. */
export type PathMtu = (address: string) => number | undefined;

/** Level and option. */
const MTU_OPTION = { ipv4: [0, 14], ipv6: [41, 24] } as const;
/** Any port: nothing is sent. */
const DISCARD = 9;
/** Nanoseconds for which the last answer is kept: an SNMP manager that walks this program sends one request after another from its address. */
const MEMORY_NS = 1_000_000_000n;

/** Where the C library cannot be called nothing is known. */
export async function loadPathMtu(): Promise<PathMtu> {
  try {
    return pathMtu(await loadLibc());
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    return () => undefined;
  }
}

function pathMtu(libc: Libc): PathMtu {
  const sockets = new Map<IpFamily, number>();
  const value = new Uint8Array(4);
  let last = { address: "", at: 0n, mtu: undefined as number | undefined };
  const ask: PathMtu = (text) => {
    const { address, zone } = parseZoned(text);
    // A zone is a name here and a number there; its link's MTU is known without asking.
    if (address === undefined || zone !== undefined) return undefined;
    const family = address.includes(":") ? "ipv6" : "ipv4";
    const fd = sockets.get(family) ?? libc.socket(AF_OF[family], SOCK.DGRAM | SOCK.CLOEXEC, 0);
    if (fd < 0) return undefined;
    sockets.set(family, fd);
    // Connecting looks for the route, and what ICMP has told of it.
    if (libc.connect(fd, socketAddress(family, address, DISCARD, 0)) < 0) return undefined;
    const [level, option] = MTU_OPTION[family];
    if (libc.getOption(fd, level, option, value) < 0) return undefined;
    return new Int32Array(value.buffer)[0];
  };
  return (address) => {
    const now = process.hrtime.bigint();
    if (last.address !== address || now - last.at > MEMORY_NS) last = { address, at: now, mtu: ask(address) };
    return last.mtu;
  };
}
