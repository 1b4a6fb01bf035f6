/**
 * Forms that a value of the file can have. The error of each is the phrase that completes "expected …": what would have been
 * right, not what was wrong.
 */

import { validate as validateCron } from "node-cron";
import { z } from "zod";
import { parseIpAddress } from "../net-address/ip-address.ts";
import { type Milliseconds, parseDuration } from "./duration.ts";

/** LIFGRNAMSIZ and LIFNAMSIZ of net/if.h on illumos, less the final NUL. */
const GROUP_NAME_MAX = 31;
/** IFNAMSIZ of linux/if.h, less the final NUL. */
const DEVICE_NAME_MAX = 127; // ALTIFNAMSIZ less the closing zero: a link may be named by an alternative name
/** SnmpAdminString (SIZE(1..32)) of usmUserName, RFC 3414. */
export const USER_NAME_MAX = 32;
/** in.mpathd takes no failure detection time below this; above a day nobody is detecting anything. */
const FDT_MIN_MS = 100;
const FDT_MAX_MS = 86_400_000;
/** sun_path of unix(7), less the final NUL. */
export const SOCKET_PATH_MAX = 107;

/** Text that `parse` turns into a value; undefined from it, or anything but text, is not what was expected. */
export function text<T>(expected: string, parse: (value: string) => T | undefined) {
  return z.string({ error: expected }).transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.issues.push({ code: "custom", input: value, message: expected });
    return z.NEVER;
  });
}

/** One of a few words. */
export function choice<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: alternatives(values) });
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `of` names the items in the message. */
export function list<T extends z.ZodType>(item: T, of: string) {
  return z.array(item, { error: `a list of ${of}` }).readonly();
}

/** A list that may not be empty. */
export function nonEmptyList<T extends z.ZodType>(item: T, of: string) {
  return z
    .array(item, { error: `a list of ${of}` })
    .min(1, { error: `at least one of ${of}` })
    .readonly();
}

/** Text of 1 to `max` bytes in UTF-8, since the limits are those of C structures. */
export function sized(expected: string, max: number, form: RegExp) {
  return text(expected, (value) => {
    const size = Buffer.byteLength(value);
    return size >= 1 && size <= max && form.test(value) ? value : undefined;
  });
}

/** dev_valid_name() of the Linux kernel: no slash, colon or white space, and neither "." nor "..". */
const DEVICE_NAME = /^(?!\.{1,2}$)[^/:\s\p{Cc}]+$/u;

export const groupName = sized(
  `a group name of 1 to ${GROUP_NAME_MAX} bytes`,
  GROUP_NAME_MAX,
  /^[^\p{Cc}]*\S[^\p{Cc}]*$/u,
);
export const metaInterfaceName = sized(
  `an interface name of 1 to ${GROUP_NAME_MAX} bytes without slash, colon or space`,
  GROUP_NAME_MAX,
  DEVICE_NAME,
);
export const deviceName = sized(
  `a device name of 1 to ${DEVICE_NAME_MAX} bytes without slash, colon or space`,
  DEVICE_NAME_MAX,
  DEVICE_NAME,
);
/** A host name in a URL: RFC 1123, 2.1, and the underscore that people use all the same. */
export const hostName = text("a host name such as ipmp.example.net, without port", (value) =>
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(value) ? value : undefined,
);
export const address = text("an IPv4 or IPv6 address without prefix length or zone", parseIpAddress);
export const path = text("the path of a file", parsePath);
export const directory = text("the path of a directory", parsePath);

function parsePath(value: string): string | undefined {
  return value === "" || value.includes("\0") ? undefined : value;
}

export const regularExpression = z.string({ error: "a regular expression" }).transform((value, context): RegExp => {
  try {
    return new RegExp(value);
  } catch (error) {
    // "Invalid regular expression: /[/: Unterminated character class": the part after the last colon is the news.
    const reason = error instanceof Error ? error.message.split(": ").at(-1) : "";
    context.issues.push({ code: "custom", input: value, message: `a regular expression (${reason})` });
    return z.NEVER;
  }
});

export const duration = text<Milliseconds>("a duration from 100ms to 24h, such as 10s or 1500ms", (value) => {
  const milliseconds = parseDuration(value);
  return milliseconds !== undefined && milliseconds >= FDT_MIN_MS && milliseconds <= FDT_MAX_MS
    ? milliseconds
    : undefined;
});

export const cron = text('a cron expression of five or six fields, such as "*/15 * * * * *"', (value) =>
  isCron(value) ? value : undefined,
);

function isCron(value: string): boolean {
  try {
    return validateCron(value);
  } catch {
    return false;
  }
}

/** Letters that neither an URL nor the web server's router gives a meaning to. */
const TELEMETRY_PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
export const telemetryPath = text("a path such as /metrics, not below /api or /-", (value) =>
  TELEMETRY_PATH.test(value) && !/^\/(?:api|-)(?:\/|$)/.test(value) ? value : undefined,
);

export const count = (from: number) =>
  z.int({ error: `a whole number from ${from}` }).min(from, { error: `a whole number from ${from}` });
