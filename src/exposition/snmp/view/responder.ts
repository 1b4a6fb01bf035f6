/**
 * Answers requests from a mibView: RFC 3416 section 4.2, RFC 1157 section 4.1, and RFC 3584 section 4.2 for what a manager that
 * speaks version 1 may see. Work is bounded by the size of the request and of the reply, never by what a number in it says.
 */

import { TAG } from "../protocol/ber-reader.ts";
import type { BerWriter } from "../protocol/ber-writer.ts";
import { ERROR, type Pdu, wrapPdu } from "../protocol/pdu.ts";
import {
  type Access,
  END,
  elementLength,
  type MibView,
  NO_SUCH_OBJECT,
  type Position,
  ValueError,
} from "./mib-view.ts";

export interface Audience {
  readonly version1: boolean;
  readonly access: Access;
}

/** Octets that the PDU's own header takes at most: tag and length, three numbers, tag and length of the list. */
const PDU_OVERHEAD = 4 + 6 + 6 + 6 + 4;

export const REQUESTS: ReadonlySet<number> = new Set([
  TAG.getRequest,
  TAG.getNextRequest,
  TAG.getBulkRequest,
  TAG.setRequest,
]);

export interface Answer {
  /** Varbinds of the reply; undefined when not even an error fits, so that there is none (snmpSilentDrops). */
  readonly varbinds: number | undefined;
  /** Why the reply says genErr. */
  readonly failure: ValueError | undefined;
}

/**
 * Leaves the Response-PDU in the writer, at most `limit` octets long. The request must be one of REQUESTS, and not a
 * GetBulkRequest of version 1.
 */
export function respond(ber: BerWriter, pdu: Pdu, mibView: MibView, audience: Audience, limit: number): Answer {
  ber.clear();
  const list = new VarbindList(ber, pdu, mibView, audience, limit - PDU_OVERHEAD);
  const failure = list.fill();
  let { status, index, varbinds } = list;
  if (status !== ERROR.noError) {
    ber.clear();
    varbinds = 0;
    // tooBig is empty since version 2; every other error, and all of version 1, carries what was asked.
    if (status !== ERROR.tooBig || audience.version1) {
      if (pdu.listEnd - pdu.listStart > limit - PDU_OVERHEAD) {
        if (audience.version1) return { varbinds: undefined, failure };
        status = ERROR.tooBig;
        index = 0;
      } else {
        ber.append(pdu.bytes, pdu.listStart, pdu.listEnd);
        varbinds = pdu.names.length;
      }
    }
  }
  wrapPdu(ber, TAG.response, pdu.requestId, status, index);
  return ber.length > limit ? { varbinds: undefined, failure } : { varbinds, failure };
}

/** The variable-bindings of one reply in the making. */
class VarbindList {
  status: number = ERROR.noError;
  index = 0;
  varbinds = 0;
  readonly #ber: BerWriter;
  readonly #pdu: Pdu;
  readonly #view: MibView;
  readonly #audience: Audience;
  readonly #limit: number;

  constructor(ber: BerWriter, pdu: Pdu, mibView: MibView, audience: Audience, limit: number) {
    this.#ber = ber;
    this.#pdu = pdu;
    this.#view = mibView;
    this.#audience = audience;
    this.#limit = limit;
  }

  fill(): ValueError | undefined {
    try {
      if (this.#pdu.type === TAG.getRequest) this.#each((i) => this.#get(i));
      else if (this.#pdu.type === TAG.getNextRequest) this.#each((i) => this.#getNext(i));
      else if (this.#pdu.type === TAG.setRequest) this.#set();
      else this.#getBulk();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.status = ERROR.genErr;
      return error;
    }
    return undefined;
  }

  /** One varbind for each that was asked, or an error that names the first that cannot be had. */
  #each(step: (i: number) => boolean): void {
    const { length } = this.#pdu.names;
    for (let i = 0; i < length && this.status === ERROR.noError; i++) {
      this.index = i + 1;
      if (!step(i)) this.#fail(ERROR.tooBig, 0);
    }
    if (this.status === ERROR.noError) this.index = 0;
  }

  #get(i: number): boolean {
    const position = this.#view.find(this.#pdu.names[i] ?? [], this.#audience.access);
    if (position >= 0) return this.#put(position);
    if (this.#audience.version1) return this.#fail(ERROR.noSuchName, i + 1);
    return this.#putException(i, position === NO_SUCH_OBJECT ? TAG.noSuchObject : TAG.noSuchInstance);
  }

  #getNext(i: number): boolean {
    const position = this.#view.after(this.#pdu.names[i] ?? [], this.#audience.access);
    if (position >= 0) return this.#put(position);
    if (this.#audience.version1) return this.#fail(ERROR.noSuchName, i + 1);
    return this.#putException(i, TAG.endOfMibView);
  }

  /** Everything is read-only. What we know cannot be written; what we do not know is outside of what anybody may write. */
  #set(): void {
    const [name] = this.#pdu.names;
    if (name === undefined) return;
    const at = this.#view.tree.objectOf(name);
    const known = at >= 0 && this.#audience.access[at] !== 0;
    this.#fail(this.#audience.version1 ? ERROR.noSuchName : known ? ERROR.notWritable : ERROR.noAccess, 1);
  }

  /** RFC 3416 section 4.2.3: N varbinds once, the others (R) up to M times, as far as they fit. */
  #getBulk(): void {
    const { names } = this.#pdu;
    const once = Math.min(Math.max(this.#pdu.first, 0), names.length);
    let room = true;
    for (let i = 0; i < once && room; i++) {
      this.index = i + 1;
      room = this.#getNext(i);
    }
    if (room && once < names.length) this.#repeat(once, Math.max(this.#pdu.second, 0));
    this.index = 0;
    // A manager must be able to go on, so it needs at least one varbind.
    if (this.varbinds === 0 && names.length > 0 && !(once === 0 && this.#pdu.second <= 0)) this.status = ERROR.tooBig;
  }

  #repeat(once: number, repetitions: number): void {
    const { names } = this.#pdu;
    const { access } = this.#audience;
    /** Per name: the instance put last, or what ENDED says. */
    const last: Position[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      let ended = 0;
      for (let i = once; i < names.length; i++) {
        this.index = i + 1;
        const before = last[i] ?? ASKED;
        let now = before;
        if (repetition === 0) now = this.#view.after(names[i] ?? [], access);
        else if (before >= 0) now = this.#view.next(before, access);
        if (now === END) now = before >= 0 ? BEHIND - before : ASKED;
        if (now < 0) ended++;
        last[i] = now;
        if (!this.#putStep(i, now)) return;
      }
      // Further repetitions would say the same.
      if (ended === names.length - once) return;
    }
  }

  /** Behind the end the name stays what it was last: the instance before, or what was asked. */
  #putStep(i: number, position: Position): boolean {
    if (position >= 0) return this.#put(position);
    return position === ASKED ? this.#putException(i, TAG.endOfMibView) : this.#putEnd(BEHIND - position);
  }

  #fail(status: number, index: number): true {
    this.status = status;
    this.index = index;
    return true;
  }

  #put(position: Position): boolean {
    const mibView = this.#view;
    const offset = mibView.encode(position);
    if (this.#ber.length + mibView.length > this.#limit) return false;
    this.#ber.append(mibView.arena, offset, offset + mibView.length);
    this.varbinds++;
    return true;
  }

  /** The name that was asked, with an exception in place of a value. */
  #putException(i: number, tag: number): boolean {
    const { bytes, nameBounds } = this.#pdu;
    return this.#putNamed(bytes, nameBounds[2 * i] ?? 0, nameBounds[2 * i + 1] ?? 0, tag);
  }

  /** The name of an instance, with endOfMibView in place of its value. */
  #putEnd(position: Position): boolean {
    const offset = this.#view.encode(position);
    const { arena } = this.#view;
    const name = offset + headerLength(arena, offset);
    return this.#putNamed(arena, name, name + elementLength(arena, name), TAG.endOfMibView);
  }

  #putNamed(bytes: Uint8Array, start: number, end: number, tag: number): boolean {
    const ber = this.#ber;
    const content = end - start + 2;
    if (ber.length + content + 4 > this.#limit) return false;
    ber.appendOctet(TAG.sequence);
    if (content < 0x80) ber.appendOctet(content);
    else {
      ber.appendOctet(0x82);
      ber.appendOctet(content >> 8);
      ber.appendOctet(content & 0xff);
    }
    ber.append(bytes, start, end);
    ber.appendOctet(tag);
    ber.appendOctet(0);
    this.varbinds++;
    return true;
  }
}

/** In GETBULK's memory of a name: nothing was behind it, or (BEHIND - position) nothing was behind that position. */
const ASKED: Position = -4;
const BEHIND = -5;

function headerLength(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset + 1] ?? 0;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}
