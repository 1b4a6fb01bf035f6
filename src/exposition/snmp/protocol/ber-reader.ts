/**
 * The Basic Encoding Rules (X.690) as far as SNMP uses them (RFC 3417 section 8): definite lengths, single-octet tags. The
 * reader is strict, because what it reads comes from anybody.
 */

import { MAX_SUBIDENTIFIER, MAX_SUBIDENTIFIERS, type Oid } from "./oid.ts";

/** Tags of X.690 and of RFC 2578 (application types), RFC 3416 (exceptions and PDUs). */
export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  getRequest: 0xa0,
  getNextRequest: 0xa1,
  response: 0xa2,
  setRequest: 0xa3,
  trapV1: 0xa4,
  getBulkRequest: 0xa5,
  informRequest: 0xa6,
  trap: 0xa7,
  report: 0xa8,
} as const;

/** Octets that are not what they must be. Caught where a datagram is taken in: counted, never answered. */
export class BerError extends Error {
  override readonly name = "BerError";
}

/** Octets of a number or of a length: more are needed by none, and snmpd takes as many. */
const OCTETS_MAX = 8;

/** Reads one element after the other out of a region of octets, never past its end. */
export class BerReader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  /** Nothing may be left over. */
  finish(): void {
    if (!this.done) throw new BerError("octets behind the last element");
  }

  /** The tag of the next element, without taking it. */
  peek(): number {
    if (this.position >= this.end) throw new BerError("an element is missing");
    return this.bytes[this.position] ?? 0;
  }

  /** Takes tag and length; returns where the content ends. The content begins at `position`. */
  open(tag: number): number {
    if (this.peek() !== tag) throw new BerError(`tag ${this.peek()} where ${tag} belongs`);
    this.position++;
    return this.#contentEnd();
  }

  /** Steps over an element of any kind; returns its tag. */
  skip(): number {
    const tag = this.peek();
    if ((tag & 0x1f) === 0x1f) throw new BerError("a tag of several octets");
    this.position++;
    this.position = this.#contentEnd();
    return tag;
  }

  /** Enters a constructed element: a reader of exactly its content. This reader goes on behind it. */
  enter(tag: number): BerReader {
    const end = this.open(tag);
    const inner = new BerReader(this.bytes, this.position, end);
    this.position = end;
    return inner;
  }

  /** An INTEGER of 32 bits, signed. Octets in front that add nothing to it are passed over, as with snmpd. */
  integer(): number {
    const end = this.open(TAG.integer);
    const length = end - this.position;
    if (length < 1 || length > OCTETS_MAX) throw new BerError(`an INTEGER of ${length} octets`);
    let value = (this.bytes[this.position] ?? 0) >= 0x80 ? -1 : 0;
    while (end - this.position > 4) {
      const isSame = this.bytes[this.position] === (value & 0xff);
      this.position++;
      if (!isSame || (this.bytes[this.position] ?? 0) >= 0x80 !== value < 0) {
        throw new BerError("an INTEGER of more than 32 bits");
      }
    }
    while (this.position < end) value = (value << 8) | (this.bytes[this.position++] ?? 0);
    return value;
  }

  /** The content of an OCTET STRING, shared with the datagram. */
  octets(): Uint8Array {
    const end = this.open(TAG.octetString);
    const content = this.bytes.subarray(this.position, end);
    this.position = end;
    return content;
  }

  objectIdentifier(): Oid {
    const end = this.open(TAG.objectIdentifier);
    if (this.position === end) throw new BerError("an object identifier of no octets");
    const first = this.#subidentifier(end, MAX_SUBIDENTIFIER + 80);
    const arc = first < 40 ? 0 : first < 80 ? 1 : 2;
    const value = [arc, first - arc * 40];
    while (this.position < end) {
      if (value.length === MAX_SUBIDENTIFIERS) throw new BerError("an object identifier of more than 128 parts");
      value.push(this.#subidentifier(end, MAX_SUBIDENTIFIER));
    }
    return value;
  }

  /** Base 128, most significant group first; the largest is 2^32 - 1, so plain number arithmetic (no shifts) is exact. */
  #subidentifier(end: number, largest: number): number {
    if (this.bytes[this.position] === 0x80) throw new BerError("a sub-identifier with leading zeros");
    let value = 0;
    for (;;) {
      if (this.position === end) throw new BerError("a sub-identifier without an end");
      const octet = this.bytes[this.position++] ?? 0;
      value = value * 128 + (octet & 0x7f);
      if (value > largest) throw new BerError("a sub-identifier of more than 32 bits");
      if (octet < 0x80) return value;
    }
  }

  #contentEnd(): number {
    if (this.position >= this.end) throw new BerError("a length is missing");
    let length = this.bytes[this.position++] ?? 0;
    if (length >= 0x80) {
      const octets = length - 0x80;
      // 0x80 is the indefinite form, which RFC 3417 forbids; net-snmp writes up to 4 octets where 1 would do, and reads 8.
      if (octets < 1 || octets > OCTETS_MAX || this.position + octets > this.end)
        throw new BerError("a length out of bounds");
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (this.bytes[this.position++] ?? 0);
    }
    const contentEnd = this.position + length;
    if (contentEnd > this.end) throw new BerError("an element longer than what holds it");
    return contentEnd;
  }
}
