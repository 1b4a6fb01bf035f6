/** Where a server listens or a message goes: the notations of Prometheus exporters and of snmpd(8). */

import { familyOf, type IpAddress, parseIpAddress } from "./address.ts";

/** Of an HTTP server. `host` undefined: every address, IPv4 and IPv6; port 0 lets the system choose. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Of an SNMP engine. */
export interface SnmpAddress {
  readonly transport: "udp4" | "udp6";
  readonly address: IpAddress;
  readonly port: number;
}

/** Of a master agent (RFC 2741): a Unix socket, or a port. */
export type AgentxSocket =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

const MAX_PORT = 65_535;

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT ? Number(text) : undefined;
}

/** `:10191`, `127.0.0.1:10191`, `[::1]:10191`, `localhost:10191` or `unix:/run/x.sock`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, path] = /^unix:(\/[^\0]+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: "unix", path };
  const address = parseHostPort(text);
  return address && { kind: "tcp", ...address };
}

interface HostPort {
  readonly host: string | undefined;
  readonly port: number;
}

function parseHostPort(text: string): HostPort | undefined {
  const [, ipv6, name, portText = ""] = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d+)$/.exec(text) ?? [];
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  if (ipv6 !== undefined) {
    const address = parseIpAddress(ipv6);
    return address?.includes(":") ? { host: address, port } : undefined;
  }
  if (name === undefined || name === "") return { host: undefined, port };
  // Digits and dots are meant as an address; a resolver would make something else of a wrong one.
  if (!/^[\d.]+$/.test(name)) return { host: name, port };
  const address = parseIpAddress(name);
  return address && { host: address, port };
}

/** The port to which SNMP messages go when none is written (RFC 3417). */
const SNMP_PORT = 161;
const NOTIFICATION_PORT = 162;

const SNMP_ADDRESS = /^(?:(udp6?):)?(?:(?:\[([^\]]+)\]|(\d+\.[\d.]+))(?::(\d+))?|(\d+))$/;

/**
 * `udp:127.0.0.1:1161`, `udp6:[::1]:1161`, `127.0.0.1:1161` or, on every IPv4 address, `udp:1161`; `udp:127.0.0.1` means
 * `defaultPort`. Undefined for anything else.
 */
export function parseSnmpAddress(text: string, defaultPort = SNMP_PORT): SnmpAddress | undefined {
  const match = SNMP_ADDRESS.exec(text);
  if (!match) return undefined;
  const [, transport, ipv6, ipv4, portAfter, portAlone] = match;
  const written = portAfter ?? portAlone;
  const port = written === undefined ? defaultPort : parsePort(written);
  const address = parseIpAddress(ipv6 ?? ipv4 ?? (transport === "udp6" ? "::" : "0.0.0.0"));
  if (port === undefined || address === undefined) return undefined;
  const isIpv6 = familyOf(address) === "ipv6";
  // Brackets are for IPv6 and only for it; udp6 carries nothing else.
  if ((ipv6 !== undefined && !isIpv6) || (transport === "udp6" && !isIpv6)) return undefined;
  return { transport: isIpv6 ? "udp6" : "udp4", address, port };
}

/** Where notifications go: as {@link parseSnmpAddress}, to port 162 when none is written. */
export function parseNotificationTarget(text: string): SnmpAddress | undefined {
  return parseSnmpAddress(text, NOTIFICATION_PORT);
}

/** `/run/snmpd/agentx.sock`, `unix:/run/snmpd/agentx.sock` or `tcp:localhost:705`; undefined for anything else. */
export function parseAgentxSocket(text: string): AgentxSocket | undefined {
  if (text.startsWith("tcp:")) {
    const address = parseHostPort(text.slice("tcp:".length));
    if (address?.host === undefined || address.port === 0) return undefined;
    return { kind: "tcp", host: address.host, port: address.port };
  }
  const path = text.startsWith("unix:") ? text.slice("unix:".length) : text;
  return path.startsWith("/") ? { kind: "unix", path } : undefined;
}

/** Sub-identifiers of an object identifier. */
export type Oid = readonly number[];

/** `1.3.6.1.4.1.N…` with sub-identifiers of 32 bits; undefined for anything else. */
export function parseOid(text: string): Oid | undefined {
  return /^\.?1\.3\.6\.1\./.test(text) ? parseSubtree(text) : undefined;
}

/** Any object identifier with sub-identifiers of 32 bits; undefined for anything else. */
export function parseSubtree(text: string): Oid | undefined {
  if (!/^\.?[0-2](\.\d{1,10}){1,127}$/.test(text)) return undefined;
  const oid = text.replace(/^\./, "").split(".").map(Number);
  return oid.every((word) => word <= 0xffff_ffff) ? oid : undefined;
}
