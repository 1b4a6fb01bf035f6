/** Where SNMP messages are received and sent, as snmpd(8) writes it under "LISTENING ADDRESSES": UDP over IPv4 or IPv6. */

import { parsePort } from "./host-port.ts";
import { familyOf, type IpAddress, parseZoned } from "./ip-address.ts";
import { isLinkLocal } from "./ip-prefix.ts";

export interface SnmpEndpoint {
  readonly transport: "udp4" | "udp6";
  readonly address: IpAddress;
  /** The link of a link-local address of IPv6, which says nothing without it (RFC 4007); undefined for any other. */
  readonly zone?: string;
  /** 0, to listen on: lets the system choose. */
  readonly port: number;
}

/** The ports of requests and of notifications, which hold where none is written (RFC 3417 section 3). */
const SNMP_PORT = 161;
const NOTIFICATION_PORT = 162;

const ENDPOINT = /^(?:(udp6?):)?(?:(?:\[([^\]]+)\]|(\d+\.[\d.]+))(?::(\d+))?|(\d+))$/;

/**
 * `udp:127.0.0.1:1161`, `udp6:[::1]:1161`, `udp6:[fe80::1%eth0]:1161`, `127.0.0.1:1161` or, on every IPv4 address, `udp:1161`;
 * `udp:127.0.0.1` means port 161. Undefined for anything else.
 */
export function parseSnmpEndpoint(text: string, defaultPort = SNMP_PORT): SnmpEndpoint | undefined {
  const match = ENDPOINT.exec(text);
  if (!match) return undefined;
  const [, transport, ipv6, ipv4, portAfter, portAlone] = match;
  const written = portAfter ?? portAlone;
  const port = written === undefined ? defaultPort : parsePort(written);
  const host = ipv6 ?? ipv4 ?? (transport === "udp6" ? "::" : "0.0.0.0");
  const { address, zone } = parseZoned(host);
  if (port === undefined || address === undefined) return undefined;
  const isIpv6 = familyOf(address) === "ipv6";
  // A link-local address is one of many without its link, and no other has one.
  if (isLinkLocal(address) !== (zone !== undefined)) return undefined;
  // Brackets are for IPv6 and only for it; udp6 carries nothing else.
  if ((ipv6 !== undefined && !isIpv6) || (transport === "udp6" && !isIpv6)) return undefined;
  return { transport: isIpv6 ? "udp6" : "udp4", address, ...(zone === undefined ? {} : { zone }), port };
}

/** Where notifications go: as {@link parseSnmpEndpoint}, but to port 162 when none is written. */
export function parseNotificationTarget(text: string): SnmpEndpoint | undefined {
  return parseSnmpEndpoint(text, NOTIFICATION_PORT);
}

export function formatSnmpEndpoint(endpoint: SnmpEndpoint): string {
  const { transport, port } = endpoint;
  return transport === "udp6" ? `udp6:[${hostOf(endpoint)}]:${port}` : `udp:${hostOf(endpoint)}:${port}`;
}

/** Whether the address, as sockets tell it, is that of the endpoint: sockets tell the link's name where its number was written. */
export function isAddressOf(endpoint: SnmpEndpoint, told: string): boolean {
  if (told === hostOf(endpoint)) return true;
  return /^\d+$/.test(endpoint.zone ?? "") && parseZoned(told).address === endpoint.address;
}

/** The address as sockets take and tell it: with its zone, `fe80::1%eth0`. */
export function hostOf({ address, zone }: Pick<SnmpEndpoint, "address" | "zone">): string {
  return zone === undefined ? address : `${address}%${zone}`;
}
