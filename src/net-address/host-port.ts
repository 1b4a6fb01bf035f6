/** HOST:PORT as Go's net package reads it (net.SplitHostPort), and with it all Prometheus exporters: IPv6 stands in brackets. */

import { parseIpAddress } from "./ip-address.ts";

export interface HostPort {
  /** A name, or an address in canonical text, IPv6 perhaps with a zone (`fe80::1%eth0`). Undefined when none is written. */
  readonly host: string | undefined;
  readonly port: number;
}

const PORT_MAX = 65_535;

/** A decimal number of 16 bits; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= PORT_MAX ? Number(text) : undefined;
}

/** `:80`, `127.0.0.1:80`, `[::1]:80`, `[fe80::1%eth0]:80` or `localhost:80`; undefined for anything else. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, bracketed, name = "", portText = ""] = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d+)$/.exec(text) ?? [];
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  if (bracketed !== undefined) {
    const host = parseScopedIpv6(bracketed);
    return host === undefined ? undefined : { host, port };
  }
  if (name === "") return { host: undefined, port };
  // Digits and dots are meant as an address; a resolver would make something else of a wrong one.
  const host = /^[\d.]+$/.test(name) ? parseIpAddress(name) : name;
  return host === undefined ? undefined : { host, port };
}

/** An IPv6 address, perhaps with the interface on which it is meant (RFC 4007 section 11). */
function parseScopedIpv6(text: string): string | undefined {
  const [, addressText = "", zone = ""] = /^([^%]*)(%[\w.-]+)?$/.exec(text) ?? [];
  const address = parseIpAddress(addressText);
  return address?.includes(":") ? `${address}${zone}` : undefined;
}

export function formatHostPort({ host = "", port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
