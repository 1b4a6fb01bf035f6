/** The fields of a trace op, checked one by one. What is missing or malformed is misuse. */

import type { Family, IpAddress, LinkLayerAddress } from "../ipmp/address.ts";
import type { Flag } from "../ipmp/flags.ts";
import { Misuse } from "./misuse.ts";

/** A parsed op, or an object inside one. */
export type Fields = Readonly<Record<string, unknown>>;

const UINT32_MAX = 0xffff_ffff;
/** IFNAMSIZ and KSTAT_STRLEN leave this much for the name of an interface. */
const NAME_MAX = 30;
const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const IPV6 = /^(?:0|[1-9a-f][0-9a-f]{0,3})(?::(?:0|[1-9a-f][0-9a-f]{0,3})){7}$/;
const LINK_LAYER = /^(?:[0-9a-f]{2}(?::[0-9a-f]{2})*)?$/;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function malformed(key: string, value: unknown, wanted: string): Misuse {
  const found = value === undefined ? "missing" : JSON.stringify(value);
  return new Misuse(`${key} must be ${wanted}: it is ${found}`);
}

/** A field as it is, unchecked. */
export function raw(fields: Fields, key: string): unknown {
  return fields[key];
}

/** Whether an optional field is given; null is as good as leaving it out. */
export function has(fields: Fields, key: string): boolean {
  return (fields[key] ?? undefined) !== undefined;
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== "string") throw malformed(key, value, "a string");
  return value;
}

/** A name that fits an interface. */
export function interfaceName(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (value === "" || value.length > NAME_MAX) throw malformed(key, value, `a name of 1 to ${NAME_MAX} characters`);
  return value;
}

export function integer(fields: Fields, key: string, max = UINT32_MAX): number {
  const value = fields[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw malformed(key, value, `an integer from 0 to ${max}`);
  }
  return value;
}

export function boolean(fields: Fields, key: string, otherwise?: boolean): boolean {
  const value = fields[key] ?? otherwise;
  if (typeof value !== "boolean") throw malformed(key, value, "true or false");
  return value;
}

export function oneOf<T extends string>(fields: Fields, key: string, choices: readonly T[]): T {
  const value = fields[key];
  const choice = choices.find((name) => name === value);
  if (choice === undefined) throw malformed(key, value, `one of ${choices.join(", ")}`);
  return choice;
}

export function ipAddress(fields: Fields, key: string, family: Family): IpAddress {
  const value = text(fields, key);
  if (!(family === "v4" ? IPV4 : IPV6).test(value)) throw malformed(key, value, `an IP${family} address`);
  return value;
}

export function linkLayerAddress(fields: Fields, key: string): LinkLayerAddress {
  const value = text(fields, key);
  if (!LINK_LAYER.test(value)) throw malformed(key, value, "octets in lower-case hex, joined with colons");
  return value;
}

export function list(fields: Fields, key: string): readonly unknown[] {
  const value: unknown = fields[key];
  if (!Array.isArray(value)) throw malformed(key, value, "an array");
  return value;
}

/** A set of flags as bits; an optional one that is not given is empty. */
export function flagBits(fields: Fields, key: string, table: readonly Flag[], optional = true): number {
  if (optional && !has(fields, key)) return 0;
  let bits = 0;
  for (const name of list(fields, key)) {
    const flag = table.find((row) => row.name === name);
    if (flag === undefined) throw malformed(key, name, `flags out of ${table.map((row) => row.name).join(", ")}`);
    bits |= flag.bit;
  }
  return bits;
}
