/** The other end of the wire for tests: writes requests, reads replies. */

import { BerReader, TAG } from "#src/exposition/snmp/ber.js";
import { Frame } from "#src/exposition/snmp/frame.js";
import { formatOid, type Oid, oid } from "#src/exposition/snmp/oid.js";
import { wrapPdu } from "#src/exposition/snmp/pdu.js";

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

export function request(input: Request): Uint8Array {
  const frame = new Frame(65_536);
  pduOf(frame, input);
  frame.octetString(Buffer.from(input.community ?? "public"));
  frame.integer(input.version ?? 1);
  frame.wrap(TAG.sequence);
  return frame.content().slice();
}

/** Only the PDU, into the frame. */
export function pduOf(frame: Frame, input: Request): void {
  for (const name of input.names ?? []) {
    const one = new Frame(1024);
    one.bytes.set([TAG.null, 0], one.back);
    one.back += 2;
    one.objectIdentifier(typeof name === "string" ? oid(name) : name);
    one.wrap(TAG.sequence);
    frame.append(one.content(), 0, one.length);
  }
  wrapPdu(frame, input.type ?? TAG.getRequest, input.requestId ?? 7, input.first ?? 0, input.second ?? 0);
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
