/** A reader of SNMP messages that shares no code with the program: what the answers of its agent are judged by. */

export interface Tlv {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag and length too. */
  readonly octets: Buffer;
  /** Whether tag and length are written in the shortest form. */
  readonly shortest: boolean;
}

/** Tags, written again: RFC 3416, RFC 2578, X.690. */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  set: 0xa3,
  trapV1: 0xa4,
  getBulk: 0xa5,
  inform: 0xa6,
  trap: 0xa7,
  report: 0xa8,
} as const;

/** Without a stack: it is thrown a thousand times a second, and nobody reads from where. */
export class Malformed extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The elements that fill `octets` exactly. @throws Malformed */
export function elements(octets: Buffer): Tlv[] {
  const list: Tlv[] = [];
  for (let at = 0; at < octets.length; ) {
    const one = elementAt(octets, at);
    list.push(one);
    at += one.octets.length;
  }
  return list;
}

/** The first elements, as many as there are up to `count`; what follows them is not looked at. @throws Malformed */
export function leading(octets: Buffer, count: number): Tlv[] {
  const list: Tlv[] = [];
  for (let at = 0; at < octets.length && list.length < count; at += list.at(-1)?.octets.length ?? 0) {
    list.push(elementAt(octets, at));
  }
  return list;
}

/** The element that begins there. @throws Malformed */
export function elementAt(octets: Buffer, at: number): Tlv {
  const tag = octets[at];
  const first = octets[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new Malformed("no tag and length");
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || start + count > octets.length) throw new Malformed("a length that is none");
    length = octets.readUIntBE(start, count);
    start += count;
  }
  if (start + length > octets.length) throw new Malformed("an element that ends behind its container");
  const shortest = start - at - 2 === (length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3);
  return {
    tag,
    content: octets.subarray(start, start + length),
    octets: octets.subarray(at, start + length),
    shortest,
  };
}

/** @throws Malformed */
export function integer({ content }: Tlv): bigint {
  if (content.length === 0 || content.length > 9) throw new Malformed("an integer of no or of many octets");
  if (content.length <= 6) return BigInt(content.readIntBE(0, content.length));
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString("hex")}`));
}

export type Oid = readonly number[];

/** @throws Malformed */
export function objectIdentifier({ content }: Tlv): Oid {
  const arcs: number[] = [];
  let arc = 0;
  for (let index = 0; index < content.length; index++) {
    const octet = content[index] ?? 0;
    arc = arc * 128 + (octet & 0x7f);
    if (arc > 0xffffffff) throw new Malformed("an arc above 32 bits");
    if (octet >= 0x80) {
      if (index === content.length - 1) throw new Malformed("an arc without an end");
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      arcs.push(first, arc - 40 * first);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs;
}

export function compare(a: Oid, b: Oid): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export interface Varbind {
  readonly name: Oid;
  readonly value: Tlv;
}

export interface Pdu {
  readonly tag: number;
  readonly requestId: bigint;
  readonly second: bigint;
  readonly third: bigint;
  readonly varbinds: readonly Varbind[];
  /** Whether all of it is written in the shortest form, with four octets at most for an integer. */
  readonly canonical: boolean;
}

/** @throws Malformed */
export function pdu({ tag, content, shortest }: Tlv): Pdu {
  const parts = elements(content);
  const [id, second, third, list] = parts;
  if (!id || !second || !third || !list || list.tag !== 0x30) throw new Malformed("no PDU");
  const numbers = [id, second, third];
  if (numbers.some((number) => number.tag !== 2)) throw new Malformed("no integers before the bindings");
  let canonical = shortest && list.shortest && numbers.every(isShortInteger) && parts.length === 4;
  const varbinds = elements(list.content).map((binding) => {
    const [name, value, more] = elements(binding.content);
    if (binding.tag !== 0x30 || !name || !value || more || name.tag !== 6) throw new Malformed("no binding");
    const oid = objectIdentifier(name);
    canonical &&= binding.shortest && name.shortest && value.shortest && isShortOid(name.content, oid);
    return { name: oid, value };
  });
  return { tag, requestId: integer(id), second: integer(second), third: integer(third), varbinds, canonical };
}

export function isShortInteger({ content, shortest }: Tlv): boolean {
  const [first = 0, second] = content;
  const padded = second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return shortest && content.length <= 4 && !padded;
}

/** No arc begins with a zero of padding, and there are 128 arcs at most (RFC 2578, 3.5). */
function isShortOid(content: Buffer, arcs: Oid): boolean {
  if (arcs.length === 0 || arcs.length > 128) return false;
  for (let index = 0; index < content.length; index++) {
    if (content[index] === 0x80 && (index === 0 || (content[index - 1] ?? 0) < 0x80)) return false;
  }
  return true;
}

export interface CommunityMessage {
  readonly version: bigint;
  readonly community: Buffer;
  readonly pdu: Pdu;
  readonly canonical: boolean;
}

/** A message of version 1 or 2c. @throws Malformed */
export function communityMessage(octets: Buffer): CommunityMessage {
  const whole = elementAt(octets, 0);
  const [version, community, data] = leading(whole.content, 3);
  if (whole.tag !== 0x30 || !version || !community || !data || version.tag !== 2 || community.tag !== 4) {
    throw new Malformed("no message");
  }
  const inner = pdu(data);
  const canonical =
    inner.canonical &&
    whole.shortest &&
    whole.octets.length === octets.length &&
    version.octets.length + community.octets.length + data.octets.length === whole.content.length &&
    isShortInteger(version) &&
    community.shortest;
  return { version: integer(version), community: community.content, pdu: inner, canonical };
}
