/** Addresses for tests, from text that is known to be right. */

import { type HttpAddress, parseHttpAddress } from "#src/net-address/http-address.js";
import { type IpPrefix, parseIpPrefix } from "#src/net-address/ip-prefix.js";
import { parseSnmpEndpoint, type SnmpEndpoint } from "#src/net-address/snmp-endpoint.js";

function known<T>(text: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`"${text}" is not an address`);
  return value;
}

export const endpoint = (text: string): SnmpEndpoint => known(text, parseSnmpEndpoint(text));

export const endpoints = (...texts: readonly string[]): SnmpEndpoint[] => texts.map(endpoint);

export const httpAddresses = (...texts: readonly string[]): HttpAddress[] =>
  texts.map((text) => known(text, parseHttpAddress(text)));

export const prefixes = (...texts: readonly string[]): IpPrefix[] =>
  texts.map((text) => known(text, parseIpPrefix(text)));
