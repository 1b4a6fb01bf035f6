/** Where a server listens or a message goes: the notations of Prometheus exporters and of snmpd(8). */

import { familyOf, type IpAddress, parseIpAddress } from "./address.ts";

/** Of an HTTP server. `host` undefined: every address, IPv4 and IPv6. */
export interface ListenAddress {
  readonly host: string | undefined;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

/** Of an SNMP engine. */
export interface SnmpAddress {
  readonly transport: "udp4" | "udp6";
  readonly address: IpAddress;
  readonly port: number;
}

const MAX_PORT = 65_535;

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : undefined;
}

/** `:10191`, `127.0.0.1:10191`, `[::1]:10191` or `localhost:10191`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, ipv6, name, portText = ""] = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d+)$/.exec(text) ?? [];
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  if (ipv6 !== undefined) {
    const address = parseIpAddress(ipv6);
    return address?.includes(":") ? { host: address, port } : undefined;
  }
  if (name === undefined || name === "") return { host: undefined, port };
  // Digits and dots are meant as an address; a resolver would make something else of a wrong one.
  if (/^[\d.]+$/.test(name)) {
    const address = parseIpAddress(name);
    return address === undefined ? undefined : { host: address, port };
  }
  return { host: name, port };
}

/** The port to which SNMP messages go when none is written (RFC 3417). */
const SNMP_PORT = 161;
const NOTIFICATION_PORT = 162;

/**
 * `udp:127.0.0.1:1161`, `udp6:[::1]:1161`, `127.0.0.1:1161` or, on every IPv4 address, `udp:1161`; `udp:127.0.0.1` means
 * `defaultPort`. Undefined for anything else.
 */
export function parseSnmpAddress(text: string, defaultPort = SNMP_PORT): SnmpAddress | undefined {
  const [, transport, rest = ""] = /^(?:(udp6?):)?(.*)$/.exec(text) ?? [];
  const [, ipv6, ipv4, portText] = /^(?:\[([^\]]*)\]|([\d.]+(?=:|$))?)?(?::?(\d+))?$/.exec(separated(rest)) ?? [];
  const port = portText === undefined ? defaultPort : parsePort(portText);
  if (port === undefined || rest === "") return undefined;
  const everywhere = transport === "udp6" ? "::" : "0.0.0.0";
  const address = parseIpAddress(ipv6 ?? ipv4 ?? everywhere);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  if ((ipv6 !== undefined) !== (family === "ipv6") && ipv6 !== undefined) return undefined;
  if (transport === "udp6" && family === "ipv4") return undefined;
  return { transport: family === "ipv6" ? "udp6" : "udp4", address, port };
}

export function parseNotificationTarget(text: string): SnmpAddress | undefined {
  return parseSnmpAddress(text, NOTIFICATION_PORT);
}

/** A bare port gets its colon, so that it is not taken for an address. */
function separated(rest: string): string {
  return /^\d+$/.test(rest) ? `:${rest}` : rest;
}
