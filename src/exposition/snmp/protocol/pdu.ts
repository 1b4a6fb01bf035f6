/** The PDUs of RFC 3416 section 3 and RFC 1157 section 4: one shape, the meaning of two numbers depending on the kind. */

import { type BerReader, TAG } from "./ber-reader.ts";
import type { BerWriter } from "./ber-writer.ts";
import type { Oid } from "./oid.ts";

/** error-status of RFC 3416. */
export const ERROR = {
  noError: 0,
  tooBig: 1,
  noSuchName: 2,
  genErr: 5,
  noAccess: 6,
  notWritable: 17,
} as const;

/** In a Report about a request that could not be read (RFC 3412 section 7.1.3). */
export const REQUEST_ID_UNKNOWN = 0;

export interface Pdu {
  readonly type: number;
  readonly requestId: number;
  /** error-status, or non-repeaters of a GetBulkRequest. */
  readonly first: number;
  /** error-index, or max-repetitions. */
  readonly second: number;
  readonly names: readonly Oid[];
  /** The datagram, and where the list of varbinds (its content) and each name's element in it are. */
  readonly bytes: Uint8Array;
  readonly listStart: number;
  readonly listEnd: number;
  /** Start and end of each name, alternating. */
  readonly nameBounds: readonly number[];
}

/**
 * Reads a PDU and checks that nothing is left over.
 * @throws BerError
 */
export function readPdu(reader: BerReader): Pdu {
  const type = reader.peek();
  const body = reader.enter(type);
  reader.finish();
  const requestId = body.integer();
  const first = body.integer();
  const second = body.integer();
  const list = body.enter(TAG.sequence);
  body.finish();
  const names: Oid[] = [];
  const nameBounds: number[] = [];
  const listStart = list.position;
  while (!list.done) {
    const varbind = list.enter(TAG.sequence);
    nameBounds.push(varbind.position);
    names.push(varbind.objectIdentifier());
    nameBounds.push(varbind.position);
    varbind.skip();
    varbind.finish();
  }
  return { type, requestId, first, second, names, bytes: reader.bytes, listStart, listEnd: list.end, nameBounds };
}

/** Makes a PDU of the varbinds that the writer holds. */
export function wrapPdu(ber: BerWriter, type: number, requestId: number, status: number, index: number): void {
  ber.wrap(TAG.sequence);
  ber.integer(index);
  ber.integer(status);
  ber.integer(requestId);
  ber.wrap(type);
}
