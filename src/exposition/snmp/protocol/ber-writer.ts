/**
 * Writes BER. A writer grows at its back by whole elements that are encoded already, and at its front by the headers around
 * them: a length is known once its content stands. One writer serves any number of messages, one after the other.
 */

import { TAG } from "./ber-reader.ts";
import type { Oid } from "./oid.ts";

/** Space in front of the appended elements: more than any header takes (message, USM, scoped PDU, PDU). */
const FRONT_ROOM = 2048;

/** A typed array takes no notice of what is written beyond its ends. */
const NO_ROOM = "no room for what is written";

/** Every method that writes throws a RangeError where there is no room. */
export class BerWriter {
  readonly bytes: Uint8Array;
  /** First octet in use. */
  front = FRONT_ROOM;
  /** First octet behind those in use. */
  back = FRONT_ROOM;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(FRONT_ROOM + capacity);
  }

  get length(): number {
    return this.back - this.front;
  }

  clear(): void {
    this.front = FRONT_ROOM;
    this.back = FRONT_ROOM;
  }

  /** The octets in use; shared, good until the next change. */
  content(): Uint8Array {
    return this.bytes.subarray(this.front, this.back);
  }

  /** Adds octets at the back. A loop, because most pieces have some 25 octets and a subarray would cost more. */
  append(from: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    let at = this.back;
    if (at + end - start > bytes.length) throw new RangeError(NO_ROOM);
    for (let i = start; i < end; i++) bytes[at++] = from[i] ?? 0;
    this.back = at;
  }

  /** Adds one octet at the back. */
  appendOctet(octet: number): void {
    if (this.back === this.bytes.length) throw new RangeError(NO_ROOM);
    this.bytes[this.back++] = octet;
  }

  /** Puts raw octets in front. */
  octets(content: Uint8Array): void {
    if (content.length > this.front) throw new RangeError(NO_ROOM);
    this.front -= content.length;
    this.bytes.set(content, this.front);
  }

  /** Puts tag and length in front of what stands between the front and `end`. */
  wrap(tag: number, end: number = this.back): void {
    const length = end - this.front;
    if (length < 0x80) this.#octet(length);
    else {
      let rest = length;
      let count = 0;
      for (; rest > 0; rest = Math.floor(rest / 256), count++) this.#octet(rest & 0xff);
      this.#octet(0x80 | count);
    }
    this.#octet(tag);
  }

  octetString(content: Uint8Array, tag: number = TAG.octetString): void {
    const end = this.front;
    this.octets(content);
    this.wrap(tag, end);
  }

  /** A signed INTEGER of 32 bits, in as few octets as it takes. */
  integer(value: number): void {
    const end = this.front;
    let rest = value | 0;
    for (;;) {
      const octet = rest & 0xff;
      this.#octet(octet);
      rest >>= 8;
      if ((rest === 0 && octet < 0x80) || (rest === -1 && octet >= 0x80)) break;
    }
    this.wrap(TAG.integer, end);
  }

  /** An unsigned number of 32 bits under a tag of RFC 2578. */
  unsigned(tag: number, value: number): void {
    const end = this.front;
    this.#unsigned(value);
    if ((this.bytes[this.front] ?? 0) >= 0x80) this.#octet(0);
    this.wrap(tag, end);
  }

  /** An unsigned number of 64 bits. */
  counter64(value: bigint): void {
    const end = this.front;
    const high = Number(BigInt.asUintN(32, value >> 32n));
    const low = Number(BigInt.asUintN(32, value));
    if (high === 0) this.#unsigned(low);
    else {
      for (let i = 0, rest = low; i < 4; i++, rest >>>= 8) this.#octet(rest & 0xff);
      this.#unsigned(high);
    }
    if ((this.bytes[this.front] ?? 0) >= 0x80) this.#octet(0);
    this.wrap(TAG.counter64, end);
  }

  objectIdentifier(value: Oid): void {
    const end = this.front;
    for (let i = value.length - 1; i >= 2; i--) this.subidentifier(value[i] ?? 0);
    this.subidentifier((value[0] ?? 0) * 40 + (value[1] ?? 0));
    this.wrap(TAG.objectIdentifier, end);
  }

  /** One part of an object identifier, without a tag. */
  subidentifier(value: number): void {
    this.#octet(value % 128);
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) this.#octet(0x80 | (rest % 128));
  }

  #unsigned(value: number): void {
    let rest = value >>> 0;
    do {
      this.#octet(rest & 0xff);
      rest >>>= 8;
    } while (rest !== 0);
  }

  #octet(value: number): void {
    if (this.front === 0) throw new RangeError(NO_ROOM);
    this.bytes[--this.front] = value;
  }
}
