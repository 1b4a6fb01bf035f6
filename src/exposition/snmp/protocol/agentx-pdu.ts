/** PDUs of AgentX (RFC 2741 sections 5 and 6). Written in network byte order, read in whichever the header says. */

import { utf8 } from "../../utf8.ts";
import { MAX_SUBIDENTIFIERS, type Oid } from "./oid.ts";
import { low32, type TypedValue } from "./syntax.ts";

/** h.type. */
export const PDU = {
  open: 1,
  close: 2,
  register: 3,
  unregister: 4,
  get: 5,
  getNext: 6,
  getBulk: 7,
  testSet: 8,
  commitSet: 9,
  undoSet: 10,
  cleanupSet: 11,
  notify: 12,
  ping: 13,
  response: 18,
} as const;

/** h.flags. */
const NON_DEFAULT_CONTEXT = 0x08;
const NETWORK_BYTE_ORDER = 0x10;

const VERSION = 1;
export const HEADER_OCTETS = 20;

/** v.type of what is no value. */
export const EXCEPTION = { noSuchObject: 128, noSuchInstance: 129, endOfMibView: 130 } as const;

/** v.type of values (RFC 2741 section 5.4). */
const VALUE_TYPE: Readonly<Record<TypedValue["syntax"], number>> = {
  Integer32: 2,
  OctetString: 4,
  ObjectIdentifier: 6,
  IpAddress: 64,
  Counter32: 65,
  Gauge32: 66,
  TimeTicks: 67,
  Counter64: 70,
};

export interface Header {
  readonly type: number;
  readonly flags: number;
  readonly session: number;
  readonly transaction: number;
  readonly packet: number;
  /** Octets that follow the header. */
  readonly length: number;
}

/** Where a GET, GETNEXT or GETBULK is to look: from `start` (itself only when `include`), up to before `end`. */
export interface SearchRange {
  readonly start: Oid;
  readonly include: boolean;
  /** Empty: to the end of the tree. */
  readonly end: Oid;
}

/** Octets that are not what they must be: the connection is of no use any more. */
export class AgentxError extends Error {
  override readonly name = "AgentxError";
}

/** @throws AgentxError */
export function readHeader(bytes: Uint8Array): Header {
  const flags = bytes[2] ?? 0;
  if (bytes[0] !== VERSION) throw new AgentxError(`version ${bytes[0]} where ${VERSION} belongs`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = (flags & NETWORK_BYTE_ORDER) === 0;
  const word = (at: number) => view.getUint32(at, little);
  return { type: bytes[1] ?? 0, flags, session: word(4), transaction: word(8), packet: word(12), length: word(16) };
}

/** Reads a payload. Every method throws AgentxError at its end. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  #position = 0;

  constructor(header: Header, payload: Uint8Array) {
    this.#bytes = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#little = (header.flags & NETWORK_BYTE_ORDER) === 0;
    if (header.flags & NON_DEFAULT_CONTEXT) this.#skipOctetString();
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), this.#little);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), this.#little);
  }

  searchRange(): SearchRange {
    const { value: start, include } = this.#objectIdentifier();
    const { value: end } = this.#objectIdentifier();
    return { start, include, end };
  }

  #objectIdentifier(): { value: Oid; include: boolean } {
    const at = this.#take(4);
    const count = this.#bytes[at] ?? 0;
    const prefix = this.#bytes[at + 1] ?? 0;
    const value = prefix === 0 ? [] : [1, 3, 6, 1, prefix];
    if (value.length + count > MAX_SUBIDENTIFIERS) throw new AgentxError("a name of more than 128 sub-identifiers");
    for (let i = 0; i < count; i++) value.push(this.uint32());
    return { value, include: this.#bytes[at + 2] === 1 };
  }

  #skipOctetString(): void {
    const length = this.uint32();
    this.#take(length + padding(length));
  }

  #take(octets: number): number {
    const at = this.#position;
    if (at + octets > this.#bytes.length) throw new AgentxError("a payload shorter than what it holds");
    this.#position += octets;
    return at;
  }
}

/** Writes a PDU, payload first: the header is put in front once its length is known. */
export class PduWriter {
  #octets = new Uint8Array(1024);
  #view = new DataView(this.#octets.buffer);
  #length = HEADER_OCTETS;

  uint8(value: number): this {
    const at = this.#take(1);
    this.#octets[at] = value;
    return this;
  }

  uint16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value);
    return this;
  }

  uint32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }

  objectIdentifier(value: Oid): this {
    this.uint8(value.length).uint8(0).uint8(0).uint8(0);
    for (const part of value) this.uint32(part);
    return this;
  }

  octetString(content: Uint8Array): this {
    this.uint32(content.length);
    const at = this.#take(content.length + padding(content.length));
    this.#octets.set(content, at);
    return this;
  }

  varbind(name: Oid, { syntax, value }: TypedValue): this {
    this.uint16(VALUE_TYPE[syntax]).uint16(0).objectIdentifier(name);
    switch (syntax) {
      case "ObjectIdentifier":
        return this.objectIdentifier(value);
      case "OctetString":
        return this.octetString(typeof value === "string" ? utf8(value) : value);
      case "IpAddress":
        return this.octetString(value);
      case "Counter64":
        return this.uint32(Number(value >> 32n)).uint32(low32(value));
      default:
        // Two's complement of a signed number is the same 32 bits.
        return this.uint32(value >>> 0);
    }
  }

  /** A name with no value. */
  exception(name: Oid, type: number): this {
    return this.uint16(type).uint16(0).objectIdentifier(name);
  }

  /** Octets so far, header included. */
  get length(): number {
    return this.#length;
  }

  /** The PDU; the writer is of no use any more. */
  finish(header: Pick<Header, "type" | "session" | "transaction" | "packet">): Uint8Array {
    const payload = this.#length - HEADER_OCTETS;
    this.#octets.set([VERSION, header.type, NETWORK_BYTE_ORDER, 0]);
    for (const [i, word] of [header.session, header.transaction, header.packet, payload].entries()) {
      this.#view.setUint32(4 + 4 * i, word);
    }
    return this.#octets.subarray(0, this.#length);
  }

  /** Room for so many octets, zeros as yet. It may move them all: ask for it before the array it is in. */
  #take(octets: number): number {
    const at = this.#length;
    this.#length += octets;
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#octets.length));
      larger.set(this.#octets);
      this.#octets = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
