/** The message around a PDU: version and community (RFC 1157, RFC 1901). Version 3 has a message of its own. */

import { BerReader, TAG } from "./ber-reader.ts";
import type { BerWriter } from "./ber-writer.ts";

/** msgVersion. */
export const VERSION = { v1: 0, v2c: 1, v3: 3 } as const;

export interface CommunityMessage {
  readonly version: typeof VERSION.v1 | typeof VERSION.v2c;
  /** Shared with the datagram. */
  readonly community: Uint8Array;
  /** Stands at the PDU. */
  readonly pdu: BerReader;
}

/** A message as far as every version has it. */
export interface VersionedMessage {
  readonly version: number;
  /** Its octets: what a datagram has behind the message is none of it, and means nothing, as with snmpd. */
  readonly message: Uint8Array;
  /** Stands behind the version. */
  readonly body: BerReader;
}

/**
 * Reads as far as the version says what follows.
 * @throws BerError
 */
export function readMessage(bytes: Uint8Array): VersionedMessage {
  const outer = new BerReader(bytes);
  const body = outer.enter(TAG.sequence);
  return { version: body.integer(), message: bytes.subarray(0, outer.position), body };
}

/** @throws BerError */
export function readCommunityMessage(version: CommunityMessage["version"], body: BerReader): CommunityMessage {
  return { version, community: body.octets(), pdu: body };
}

/** Octets that the message takes around a PDU, at most. */
export function communityOverhead(community: Uint8Array): number {
  return 4 + 3 + 4 + community.length;
}

export function wrapCommunityMessage(ber: BerWriter, version: number, community: Uint8Array): void {
  ber.octetString(community);
  ber.integer(version);
  ber.wrap(TAG.sequence);
}
