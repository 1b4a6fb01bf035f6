/** The message of version 3 (RFC 3412 section 6) with the parameters of the User-based Security Model (RFC 3414 section 2.4). */

import { BerError, BerReader, TAG } from "./ber-reader.ts";
import type { BerWriter } from "./ber-writer.ts";
import { VERSION } from "./message.ts";

/** Bits of msgFlags. */
export const FLAG = { auth: 1, priv: 2, reportable: 4 } as const;

/** msgSecurityModel of USM. */
export const USM = 3;

/** Every SNMP entity takes messages that long (RFC 3412, msgMaxSize). */
const SMALLEST_MAX_SIZE = 484;

/** SnmpEngineID and user names have at most that many octets. */
const MAX_NAME = 32;

export interface V3Header {
  readonly id: number;
  /** Octets that the sender can take. */
  readonly maxSize: number;
  readonly flags: number;
  readonly securityModel: number;
}

export interface SecurityParameters {
  readonly engineId: Uint8Array;
  readonly boots: number;
  readonly time: number;
  readonly user: Uint8Array;
  /** Shared with the datagram, so that its place there is known: the digest is made with zeros in it. */
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
}

export interface ScopedPdu {
  readonly contextEngineId: Uint8Array;
  readonly contextName: Uint8Array;
  /** Stands at the PDU. */
  readonly pdu: BerReader;
}

/** Reads the header; `body` then stands at the security parameters. @throws BerError */
export function readHeader(body: BerReader): V3Header {
  const header = body.enter(TAG.sequence);
  const id = header.integer();
  const maxSize = header.integer();
  const flags = header.octets();
  const securityModel = header.integer();
  if (!header.done || id < 0 || maxSize < SMALLEST_MAX_SIZE || flags.length !== 1 || securityModel < 1) {
    throw new BerError("a header that RFC 3412 does not allow");
  }
  return { id, maxSize, flags: flags[0] ?? 0, securityModel };
}

/** @throws BerError */
export function readSecurityParameters(body: BerReader): SecurityParameters {
  const outer = new BerReader(body.octets());
  const list = outer.enter(TAG.sequence);
  const parameters = {
    engineId: list.octets(),
    boots: list.integer(),
    time: list.integer(),
    user: list.octets(),
    digest: list.octets(),
    salt: list.octets(),
  };
  const { engineId, boots, time, user } = parameters;
  if (!outer.done || !list.done || boots < 0 || time < 0 || user.length > MAX_NAME || engineId.length > MAX_NAME) {
    throw new BerError("security parameters that RFC 3414 does not allow");
  }
  return parameters;
}

/** @throws BerError */
export function readScopedPdu(reader: BerReader): ScopedPdu {
  const scoped = reader.enter(TAG.sequence);
  return { contextEngineId: scoped.octets(), contextName: scoped.octets(), pdu: scoped };
}

/** Makes a scopedPDU of the PDU that the writer holds. */
export function wrapScopedPdu(ber: BerWriter, contextEngineId: Uint8Array, contextName: Uint8Array): void {
  ber.octetString(contextName);
  ber.octetString(contextEngineId);
  ber.wrap(TAG.sequence);
}

/** Makes a message of the scopedPDU, plain or encrypted, that the writer holds; returns where its digest begins in the writer. */
export function wrapV3Message(ber: BerWriter, header: V3Header, security: SecurityParameters): number {
  const data = ber.front;
  ber.octetString(security.salt);
  ber.octetString(security.digest);
  const digestFromData = data - ber.front - (security.digest.length < 0x80 ? 2 : 3);
  ber.octetString(security.user);
  ber.integer(security.time);
  ber.integer(security.boots);
  ber.octetString(security.engineId);
  ber.wrap(TAG.sequence, data);
  ber.wrap(TAG.octetString, data);
  const beforeHeader = ber.front;
  ber.integer(header.securityModel);
  ber.octetString(Uint8Array.of(header.flags));
  ber.integer(header.maxSize);
  ber.integer(header.id);
  ber.wrap(TAG.sequence, beforeHeader);
  ber.integer(VERSION.v3);
  ber.wrap(TAG.sequence);
  return data - digestFromData;
}
