/** The other end of the wire for tests: writes requests, reads replies. */

import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { formatOid, type Oid, oid } from "#src/exposition/snmp/protocol/oid.js";
import { wrapPdu } from "#src/exposition/snmp/protocol/pdu.js";

export interface Request {
  readonly version?: number;
  readonly community?: string;
  readonly type?: number | undefined;
  readonly requestId?: number;
  /** error-status or non-repeaters, error-index or max-repetitions. */
  readonly first?: number;
  readonly second?: number | undefined;
  readonly names?: readonly (string | Oid)[];
}

export interface Varbind {
  readonly name: string;
  readonly tag: number;
  /** The value's content, as it came. */
  readonly content: Uint8Array;
}

export interface Reply {
  readonly version: number;
  readonly community: string;
  readonly type: number;
  readonly requestId: number;
  readonly status: number;
  readonly index: number;
  readonly varbinds: readonly Varbind[];
}

/** Of all requests: to make them anew for each costs more than the request. */
const MESSAGE = new BerWriter(65_536);
const VARBIND = new BerWriter(1024);

export function request(input: Request): Uint8Array {
  const ber = MESSAGE;
  ber.clear();
  pduOf(ber, input);
  ber.octetString(Buffer.from(input.community ?? "public"));
  ber.integer(input.version ?? 1);
  ber.wrap(TAG.sequence);
  return ber.content().slice();
}

/** Only the PDU, into the writer. */
export function pduOf(ber: BerWriter, input: Request): void {
  for (const name of input.names ?? []) {
    const one = VARBIND;
    one.clear();
    one.bytes.set([TAG.null, 0], one.back);
    one.back += 2;
    one.objectIdentifier(typeof name === "string" ? oid(name) : name);
    one.wrap(TAG.sequence);
    ber.append(one.content(), 0, one.length);
  }
  wrapPdu(ber, input.type ?? TAG.getRequest, input.requestId ?? 7, input.first ?? 0, input.second ?? 0);
}

export function readReply(bytes: Uint8Array): Reply {
  const outer = new BerReader(bytes);
  const message = outer.enter(TAG.sequence);
  if (!outer.done) throw new Error("octets behind the message");
  const version = message.integer();
  const community = Buffer.from(message.octets()).toString();
  return { version, community, ...readReplyPdu(message) };
}

export function readReplyPdu(message: BerReader): Omit<Reply, "version" | "community"> {
  const type = message.peek();
  const pdu = message.enter(type);
  const requestId = pdu.integer();
  const status = pdu.integer();
  const index = pdu.integer();
  const list = pdu.enter(TAG.sequence);
  const varbinds: Varbind[] = [];
  while (!list.done) {
    const varbind = list.enter(TAG.sequence);
    const name = formatOid(varbind.objectIdentifier());
    const tag = varbind.peek();
    const value = varbind.enter(tag);
    varbinds.push({ name, tag, content: value.bytes.subarray(value.position, value.end) });
  }
  return { type, requestId, status, index, varbinds };
}

/** A number that came as INTEGER, Counter32, Gauge32, TimeTicks or Counter64. */
export function numberOf({ tag, content }: Varbind): bigint {
  let value = 0n;
  for (const octet of content) value = (value << 8n) | BigInt(octet);
  return tag === TAG.integer ? BigInt.asIntN(content.length * 8, value) : value;
}

export function textOf({ content }: Varbind): string {
  return Buffer.from(content).toString("utf8");
}
