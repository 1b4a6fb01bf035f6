/**
 * ICMP echo as a ping socket takes and gives it (RFC 792, RFC 4443 section 4): without an IP header, with an identifier and a checksum
 * that the kernel fills in. The payload is in.mpathd's (mpd_probe.c): when it was sent, and what for.
 */

import type { IpFamily } from "../net-address/ip-address.ts";
import type { ProbeIdentity } from "./probe-socket.ts";

/** ICMP types. */
export interface EchoTypes {
  readonly request: number;
  readonly reply: number;
}

export const ECHO_TYPES = {
  ipv4: { request: 8, reply: 0 },
  ipv6: { request: 128, reply: 129 },
} as const satisfies Record<IpFamily, EchoTypes>;

const KINDS = { uni: 0x1234, multi: 0x5678, rtt: 0x9abc } as const;

const NAMES = new Map<number, keyof typeof KINDS>([
  [KINDS.uni, "uni"],
  [KINDS.multi, "multi"],
  [KINDS.rtt, "rtt"],
]);

/** What 32 bits hold: a time is less than 2^53, and is written in two halves. */
const WORD = 2 ** 32;

/** Type, code, checksum, identifier, sequence; then nanoseconds (64), kind (32), nothing (32). */
const SIZE = 24;

/** Of the one request that is written anew for each probe: memory for each would cost more than sending it. */
const request = new DataView(new ArrayBuffer(SIZE));
const requestBytes = new Uint8Array(request.buffer);

/** Good until the next call. */
export function echoRequest(types: EchoTypes, { kind, sequence, sentAt }: ProbeIdentity): Uint8Array {
  request.setUint8(0, types.request);
  request.setUint16(6, sequence);
  request.setUint32(8, Math.floor(sentAt / WORD));
  request.setUint32(12, sentAt % WORD);
  request.setUint32(16, KINDS[kind]);
  return requestBytes;
}

/** What the first `size` bytes say. Undefined for whatever is no answer to such a request. */
export function parseEchoReply(types: EchoTypes, bytes: DataView, size: number): ProbeIdentity | undefined {
  if (size < SIZE || bytes.getUint8(0) !== types.reply || bytes.getUint8(1) !== 0) return undefined;
  const kind = NAMES.get(bytes.getUint32(16));
  return kind && { kind, sequence: bytes.getUint16(6), sentAt: bytes.getUint32(8) * WORD + bytes.getUint32(12) };
}
