/** Answers what a master agent asks of its subagent (RFC 2741 section 7.2.3), from the same view of the MIB as everybody else. */

import {
  AgentxError,
  EXCEPTION,
  type Header,
  type PayloadReader,
  PDU,
  PduWriter,
  type SearchRange,
} from "../protocol/agentx-pdu.ts";
import { compareOids } from "../protocol/oid.ts";
import { ERROR } from "../protocol/pdu.ts";
import { type Access, type MibView, NO_SUCH_OBJECT, type Position, ValueError } from "./mib-view.ts";

/** Octets of a response to GETBULK: more than fits one datagram of the master's manager is work for nothing. */
const BULK_OCTETS = 65_536;

/** commitFailed, undoFailed. */
const COMMIT_FAILED = 14;
const UNDO_FAILED = 15;

/** The response, or undefined when the PDU is not one that asks. @throws AgentxError */
export function answerAgentx(
  header: Header,
  payload: PayloadReader,
  mibView: MibView,
  access: Access,
): Uint8Array | undefined {
  const reply = (error: number, index: number, varbinds?: (writer: PduWriter) => void) => {
    const writer = new PduWriter().uint32(0).uint16(error).uint16(index);
    varbinds?.(writer);
    return writer.finish({ ...header, type: PDU.response });
  };
  switch (header.type) {
    case PDU.testSet:
      return reply(ERROR.notWritable, 1);
    case PDU.commitSet:
      return reply(COMMIT_FAILED, 1);
    case PDU.undoSet:
      return reply(UNDO_FAILED, 1);
    case PDU.get:
    case PDU.getNext:
    case PDU.getBulk:
      break;
    default:
      return undefined;
  }
  const bulk = header.type === PDU.getBulk ? { once: payload.uint16(), repetitions: payload.uint16() } : undefined;
  const ranges: SearchRange[] = [];
  while (!payload.done) ranges.push(payload.searchRange());
  const search = new Search(mibView, access);
  try {
    return reply(ERROR.noError, 0, (writer) => {
      if (header.type === PDU.get) for (const range of ranges) search.get(writer, range);
      else if (bulk === undefined) for (const range of ranges) search.next(writer, range);
      else search.bulk(writer, ranges, bulk.once, bulk.repetitions);
    });
  } catch (error) {
    if (error instanceof AgentxError || !(error instanceof ValueError)) throw error;
    return reply(ERROR.genErr, search.count + 1);
  }
}

class Search {
  /** Varbinds written. */
  count = 0;
  readonly #view: MibView;
  readonly #access: Access;

  constructor(mibView: MibView, access: Access) {
    this.#view = mibView;
    this.#access = access;
  }

  get(writer: PduWriter, { start }: SearchRange): void {
    const position = this.#view.find(start, this.#access);
    const missing = position === NO_SUCH_OBJECT ? EXCEPTION.noSuchObject : EXCEPTION.noSuchInstance;
    if (position >= 0) this.#write(writer, position);
    else this.#exception(writer, start, missing);
  }

  next(writer: PduWriter, range: SearchRange): void {
    const position = this.#within(this.#first(range), range);
    if (position < 0) this.#exception(writer, range.start, EXCEPTION.endOfMibView);
    else this.#write(writer, position);
  }

  bulk(writer: PduWriter, ranges: readonly SearchRange[], once: number, repetitions: number): void {
    for (const range of ranges.slice(0, once)) this.next(writer, range);
    const repeated = ranges.slice(once);
    const last: Position[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      let found = 0;
      for (const [i, range] of repeated.entries()) {
        const before = last[i];
        let position = before ?? 0;
        if (before === undefined) position = this.#first(range);
        else if (before >= 0) position = this.#view.next(before, this.#access);
        position = this.#within(position, range);
        if (position >= 0) {
          found++;
          this.#write(writer, position);
        } else {
          const name = before !== undefined && before >= 0 ? this.#view.name(before) : range.start;
          this.#exception(writer, name, EXCEPTION.endOfMibView);
        }
        last[i] = position;
        if (writer.length > BULK_OCTETS) return;
      }
      if (found === 0) return;
    }
  }

  #first({ start, include }: SearchRange): Position {
    const exact = include ? this.#view.find(start, this.#access) : NO_SUCH_OBJECT;
    return exact >= 0 ? exact : this.#view.after(start, this.#access);
  }

  #within(position: Position, { end }: SearchRange): Position {
    if (position < 0 || end.length === 0) return position;
    return compareOids(this.#view.name(position), end) < 0 ? position : NO_SUCH_OBJECT;
  }

  #write(writer: PduWriter, position: Position): void {
    const value = this.#view.value(position);
    const name = this.#view.name(position);
    if (value) writer.varbind(name, value);
    else writer.exception(name, EXCEPTION.noSuchInstance);
    this.count++;
  }

  #exception(writer: PduWriter, name: SearchRange["start"], type: number): void {
    writer.exception(name, type);
    this.count++;
  }
}
