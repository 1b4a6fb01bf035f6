/** The types of RFC 2578 section 7 that objects have, what a value of each is here, and how it is written. */

import { TAG } from "./ber.ts";
import { type Frame, utf8 } from "./frame.ts";
import type { Oid } from "./oid.ts";

/** Numbers of 32 bits are `number`, exactly; Counter64 is bigint. A string is written as UTF-8. */
export interface ValueOf {
  Integer32: number;
  Counter32: number;
  Gauge32: number;
  TimeTicks: number;
  Counter64: bigint;
  OctetString: Uint8Array | string;
  ObjectIdentifier: Oid;
  IpAddress: Uint8Array;
}

export type Syntax = keyof ValueOf;

/** A value with its type. */
export type TypedValue = { readonly [S in Syntax]: { readonly syntax: S; readonly value: ValueOf[S] } }[Syntax];

/** Puts the value in front of what the frame holds. */
export const WRITE: { readonly [S in Syntax]: (frame: Frame, value: ValueOf[S]) => void } = {
  Integer32: (frame, value) => frame.integer(value),
  Counter32: (frame, value) => frame.unsigned(TAG.counter32, value),
  Gauge32: (frame, value) => frame.unsigned(TAG.gauge32, value),
  TimeTicks: (frame, value) => frame.unsigned(TAG.timeTicks, value),
  Counter64: (frame, value) => frame.counter64(value),
  OctetString: (frame, value) => frame.octetString(typeof value === "string" ? utf8(value) : value),
  ObjectIdentifier: (frame, value) => frame.objectIdentifier(value),
  IpAddress: (frame, value) => frame.octetString(value, TAG.ipAddress),
};

/** A Counter32 is the low half of the 64-bit counter, not another counter. */
export function low32(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/** TruthValue of RFC 2579. */
export function truth(value: boolean): number {
  return value ? 1 : 2;
}
