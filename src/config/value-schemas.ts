/**
 * Forms that a value of the file can have; one that a single section has is in its file. The error of each is the phrase that
 * completes "expected …": what would have been right, not what was wrong.
 */

import * as z from "zod";
import { parseIpAddress } from "../net-address/ip-address.ts";
import { type Milliseconds, parseDuration } from "./duration.ts";

/** in.mpathd takes no failure detection time below this; above a day nobody is detecting anything. */
const FDT_MIN_MS = 100;
const FDT_MAX_MS = 86_400_000;

/** In place of a path or an address: the thing is not wanted. */
export const NONE = "none";

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
  return series(words, "or");
}

/** `a`, `a and b`, `a, b and c`. */
export function series(words: readonly string[], conjunction: "and" | "or"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
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

export const address = text("an IPv4 or IPv6 address without prefix length or zone", parseIpAddress);
export const path = text("the path of a file", parsePath);
export const directory = text("the path of a directory", parsePath);

function parsePath(value: string): string | undefined {
  return value === "" || value.includes("\0") ? undefined : value;
}

export const duration = text<Milliseconds>("a duration from 100ms to 24h, such as 10s or 1500ms", (value) => {
  const milliseconds = parseDuration(value);
  return milliseconds !== undefined && milliseconds >= FDT_MIN_MS && milliseconds <= FDT_MAX_MS
    ? milliseconds
    : undefined;
});

export const count = (from: number) =>
  z.int({ error: `a whole number from ${from}` }).min(from, { error: `a whole number from ${from}` });
