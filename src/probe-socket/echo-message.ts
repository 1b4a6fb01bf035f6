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

export function echoRequest(family: IpFamily, { kind, sequence, sentAt }: ProbeIdentity): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, REQUEST[family]);
  view.setUint16(6, sequence);
  view.setUint32(8, Math.floor(sentAt / WORD));
  view.setUint32(12, sentAt % WORD);
  view.setUint32(16, KINDS[kind]);
  return bytes;
}

/** Undefined for whatever is no answer to such a request. */
export function parseEchoReply(family: IpFamily, bytes: Uint8Array): ProbeIdentity | undefined {
  if (bytes.length < SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint8(0) !== REPLY[family] || view.getUint8(1) !== 0) return undefined;
  const kind = NAMES.get(view.getUint32(16));
  return kind && { kind, sequence: view.getUint16(6), sentAt: view.getUint32(8) * WORD + view.getUint32(12) };
}
