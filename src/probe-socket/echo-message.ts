/**
 * ICMP echo as a ping socket takes and gives it (RFC 792, RFC 4443 section 4): without an IP header, with an identifier and a checksum
 * that the kernel fills in. The payload is in.mpathd's (mpd_probe.c): when it was sent, and what for.
 */

import type { IpFamily } from "../net-address/ip-address.ts";
import type { ProbeIdentity } from "./probe-socket.ts";

const REQUEST = { ipv4: 8, ipv6: 128 } as const;
const REPLY = { ipv4: 0, ipv6: 129 } as const;

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
export function echoRequest(family: IpFamily, { kind, sequence, sentAt }: ProbeIdentity): Uint8Array {
  request.setUint8(0, REQUEST[family]);
  request.setUint16(6, sequence);
  request.setUint32(8, Math.floor(sentAt / WORD));
  request.setUint32(12, sentAt % WORD);
  request.setUint32(16, KINDS[kind]);
  return requestBytes;
}

/** What the first `size` bytes say. Undefined for whatever is no answer to such a request. */
export function parseEchoReply(family: IpFamily, bytes: Uint8Array, size: number): ProbeIdentity | undefined {
  if (size < SIZE || bytes[0] !== REPLY[family] || bytes[1] !== 0) return undefined;
  const kind = NAMES.get(wordAt(bytes, 16));
  return kind && { kind, sequence: wordAt(bytes, 4) & 0xffff, sentAt: wordAt(bytes, 8) * WORD + wordAt(bytes, 12) };
}

/** 32 bits in network order. */
function wordAt(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let place = at; place < at + 4; place++) word = (word << 8) | (bytes[place] ?? 0);
  return word >>> 0;
}
