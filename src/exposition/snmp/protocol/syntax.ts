/** The types of RFC 2578 section 7 that objects have, what a value of each is here, and how it is written. */

import { TAG } from "./ber-reader.ts";
import { utf8 } from "../../utf8.ts";
import type { BerWriter } from "./ber-writer.ts";
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

/** Puts the value in front of what the writer holds. */
export const WRITE: { readonly [S in Syntax]: (ber: BerWriter, value: ValueOf[S]) => void } = {
  Integer32: (ber, value) => ber.integer(value),
  Counter32: (ber, value) => ber.unsigned(TAG.counter32, value),
  Gauge32: (ber, value) => ber.unsigned(TAG.gauge32, value),
  TimeTicks: (ber, value) => ber.unsigned(TAG.timeTicks, value),
  Counter64: (ber, value) => ber.counter64(value),
  OctetString: (ber, value) => ber.octetString(typeof value === "string" ? utf8(value) : value),
  ObjectIdentifier: (ber, value) => ber.objectIdentifier(value),
  IpAddress: (ber, value) => ber.octetString(value, TAG.ipAddress),
};

/** A Counter32 is the low half of the 64-bit counter, not another counter. */
export function low32(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/** TruthValue of RFC 2579. */
export function truth(value: boolean): number {
  return value ? 1 : 2;
}
