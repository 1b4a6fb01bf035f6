/**
 * An address of this process alone, and ports there that are free. All of 127.0.0.0/8 is the host's own (RFC 1122 §3.2.1.3), and
 * test files run side by side: a port of 127.0.0.1 that was free a moment ago may be another's by the time it is used.
 */

const { pid } = process;

/** In 127.64.0.0/10: a process id of Linux has at most 22 bits. */
export const LOOPBACK = ["127", 64 + (pid >> 16), (pid >> 8) & 255, pid & 255].join(".");

/** Below the ports that the kernel gives to whoever asks for any (net.ipv4.ip_local_port_range). */
let next = 20_000;

/** A port of LOOPBACK, TCP and UDP, that nobody has. */
export function freePort(): number {
  return next++;
}
