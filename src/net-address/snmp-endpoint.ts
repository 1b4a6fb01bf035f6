/** Where SNMP messages are received and sent, as snmpd(8) writes it under "LISTENING ADDRESSES": UDP over IPv4 or IPv6. */

import { parsePort } from "./host-port.ts";
import { familyOf, type IpAddress, parseIpAddress } from "./ip-address.ts";

export interface SnmpEndpoint {
  readonly transport: "udp4" | "udp6";
  readonly address: IpAddress;
  /** 0, to listen on: lets the system choose. */
  readonly port: number;
}

/** The ports of requests and of notifications, which hold where none is written (RFC 3417 section 3). */
const SNMP_PORT = 161;
const NOTIFICATION_PORT = 162;

const ENDPOINT = /^(?:(udp6?):)?(?:(?:\[([^\]]+)\]|(\d+\.[\d.]+))(?::(\d+))?|(\d+))$/;

/**
 * `udp:127.0.0.1:1161`, `udp6:[::1]:1161`, `127.0.0.1:1161` or, on every IPv4 address, `udp:1161`; `udp:127.0.0.1` means port
 * 161. Undefined for anything else.
 */
export function parseSnmpEndpoint(text: string, defaultPort = SNMP_PORT): SnmpEndpoint | undefined {
  const match = ENDPOINT.exec(text);
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

/** Where notifications go: as {@link parseSnmpEndpoint}, but to port 162 when none is written. */
export function parseNotificationTarget(text: string): SnmpEndpoint | undefined {
  return parseSnmpEndpoint(text, NOTIFICATION_PORT);
}

export function formatSnmpEndpoint({ transport, address, port }: SnmpEndpoint): string {
  return transport === "udp6" ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`;
}
