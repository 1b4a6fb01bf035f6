/**
 * Netlink messages and attributes as bytes: framing only, no meaning (netlink(7), linux/netlink.h). Nothing is trusted: a
 * length that does not fit ends the walk, so hostile or cut bytes can neither be read past their end nor loop for ever.
 *
 * Headers, attributes and their payloads all begin at multiples of four, so that 16- and 32-bit views over one aligned
 * buffer read every field in the machine's own byte order, which is netlink's. 64-bit values are only four-aligned.
 */

export interface Frame {
  readonly bytes: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
}

/** An empty frame to receive into; `size` is rounded up to a multiple of four. */
export function emptyFrame(size: number): Frame {
  const buffer = new ArrayBuffer(align(size));
  return { bytes: new Uint8Array(buffer), u16: new Uint16Array(buffer), u32: new Uint32Array(buffer) };
}

export function frameOf(bytes: Uint8Array): Frame {
  const frame = emptyFrame(bytes.length);
  frame.bytes.set(bytes);
  return frame;
}

/** NLMSG_ALIGN, NLA_ALIGN. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** struct nlmsghdr: length, type (16), flags (16), sequence, port. */
export const HEADER_SIZE = 16;
const ATTRIBUTE_HEADER_SIZE = 4;
/** NLA_TYPE_MASK: without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** Where a message lies in its frame. The one object is used again for the next message: keep none. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Where its payload begins and ends in the frame. */
  readonly start: number;
  readonly end: number;
}

/**
 * Calls `visit` for each message among the first `length` bytes, until it answers false.
 * @returns false when the bytes ended in the middle of a message or a length was impossible.
 */
export function eachMessage(frame: Frame, length: number, visit: (message: Message) => boolean | undefined): boolean {
  const limit = Math.min(length, frame.bytes.length);
  const message = { type: 0, flags: 0, sequence: 0, start: 0, end: 0 };
  let at = 0;
  while (limit - at >= HEADER_SIZE) {
    const size = u32(frame, at);
    if (size < HEADER_SIZE || size > limit - at) return false;
    message.type = u16(frame, at + 4);
    message.flags = u16(frame, at + 6);
    message.sequence = u32(frame, at + 8);
    message.start = at + HEADER_SIZE;
    message.end = at + size;
    if (visit(message) === false) return true;
    at += align(size);
  }
  return at >= limit;
}

/**
 * Attribute headers by type, as libnetlink's parse_rtattr: `table[type]` is where the attribute begins, 0 when it is not
 * there (no attribute can begin at 0). The first of a kind counts; types beyond the table are skipped.
 */
export function indexAttributes(frame: Frame, start: number, end: number, table: Uint32Array): void {
  table.fill(0);
  let at = align(start);
  while (end - at >= ATTRIBUTE_HEADER_SIZE) {
    const size = u16(frame, at);
    if (size < ATTRIBUTE_HEADER_SIZE || size > end - at) return;
    const type = u16(frame, at + 2) & ATTRIBUTE_TYPE_MASK;
    if (type < table.length && table[type] === 0) table[type] = at;
    at += align(size);
  }
}

/** Visits every attribute in its order, as lists have many of one type. */
export function eachAttribute(
  frame: Frame,
  start: number,
  end: number,
  visit: (type: number, at: number) => void,
): void {
  let at = align(start);
  while (end - at >= ATTRIBUTE_HEADER_SIZE) {
    const size = u16(frame, at);
    if (size < ATTRIBUTE_HEADER_SIZE || size > end - at) return;
    visit(u16(frame, at + 2) & ATTRIBUTE_TYPE_MASK, at);
    at += align(size);
  }
}

/** Where the payload of the attribute that begins at `at` begins and ends. */
export function payloadStart(at: number): number {
  return at + ATTRIBUTE_HEADER_SIZE;
}

export function payloadEnd(frame: Frame, at: number): number {
  return at + u16(frame, at);
}

/** `at` must be a multiple of two. */
export function u16(frame: Frame, at: number): number {
  return frame.u16[at >> 1] ?? 0;
}

/** `at` must be a multiple of four. */
export function u32(frame: Frame, at: number): number {
  return frame.u32[at >> 2] ?? 0;
}

/** The attribute's payload; undefined when it is not there. */
export function attributeBytes(frame: Frame, table: Uint32Array, type: number): Uint8Array | undefined {
  const at = table[type];
  return at ? frame.bytes.subarray(payloadStart(at), payloadEnd(frame, at)) : undefined;
}

/** Undefined when it is not there or too short. */
export function attributeU32(frame: Frame, table: Uint32Array, type: number): number | undefined {
  const at = table[type];
  return at && u16(frame, at) >= ATTRIBUTE_HEADER_SIZE + 4 ? u32(frame, payloadStart(at)) : undefined;
}

export function attributeU16(frame: Frame, table: Uint32Array, type: number): number | undefined {
  const at = table[type];
  return at && u16(frame, at) >= ATTRIBUTE_HEADER_SIZE + 2 ? u16(frame, payloadStart(at)) : undefined;
}

export function attributeU8(frame: Frame, table: Uint32Array, type: number): number | undefined {
  return attributeBytes(frame, table, type)?.[0];
}

const decoder = new TextDecoder(); // what is not UTF-8 becomes U+FFFD

/** A string with or without its closing zero. */
export function attributeText(frame: Frame, table: Uint32Array, type: number): string | undefined {
  const bytes = attributeString(frame, table, type);
  return bytes && decoder.decode(bytes);
}

/** The bytes of a string without its closing zero, where there is one. */
export function attributeString(frame: Frame, table: Uint32Array, type: number): Uint8Array | undefined {
  const bytes = attributeBytes(frame, table, type);
  return bytes && withoutZero(bytes);
}

export function withoutZero(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** A request: header, the fixed part of its kind, attributes. The sequence number is written when it is sent. */
export function request(type: number, flags: number, ...parts: readonly Uint8Array[]): Frame {
  const body = Buffer.concat(parts);
  const frame = emptyFrame(HEADER_SIZE + body.length);
  frame.u32[0] = HEADER_SIZE + body.length;
  frame.u16[2] = type;
  frame.u16[3] = flags;
  frame.bytes.set(body, HEADER_SIZE);
  return frame;
}

/** An attribute with its header, padded to a multiple of four. */
export function attributeOf(type: number, value: Uint8Array): Uint8Array {
  const { bytes, u16 } = emptyFrame(ATTRIBUTE_HEADER_SIZE + value.length);
  u16.set([ATTRIBUTE_HEADER_SIZE + value.length, type]);
  bytes.set(value, ATTRIBUTE_HEADER_SIZE);
  return bytes;
}

export function attributeOfU32(type: number, value: number): Uint8Array {
  return attributeOf(type, new Uint8Array(Uint32Array.of(value).buffer));
}
