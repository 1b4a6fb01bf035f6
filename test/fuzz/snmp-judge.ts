/**
 * Whether an answer of the agent is the right one: name by name, against a table that was walked once, by RFC 1157, RFC 3416 and RFC 3414. It reads
 * the octets itself (`snmp-octets.ts`, `snmp-opened.ts`) and shares no code with the agent.
 */

import assert from "node:assert/strict";
import type { UsmUser } from "#src/snmp/usm.js";
import {
  communityMessage,
  compare,
  elementAt,
  integer,
  leading,
  Malformed,
  type Oid,
  type Pdu,
  TAG,
  type Varbind,
} from "./snmp-octets.ts";
import { type Opened, openedBy, type Proof, proofOf } from "./snmp-opened.ts";

export interface Row {
  readonly name: Oid;
  readonly tag: number;
  /** With tag and length. */
  readonly octets: Buffer;
  /** A walk finds it with another value later: a counter of the agent itself. */
  readonly moves: boolean;
}

export interface Engine {
  readonly id: Uint8Array;
  readonly boots: number;
  readonly time: () => number;
}

/** error-status of RFC 3416. */
const STATUS = { noError: 0n, tooBig: 1n, noSuchName: 2n, noAccess: 6n, notWritable: 17n } as const;
/** Octets that an answer to this host may have, and most of what stands around its bindings. */
const LARGEST = 65_507;
const AROUND = 220;
/** Seconds that the clock of a request may be off (RFC 3414 section 3.2 step 7b). */
const TIME_WINDOW = 150n;
const PUBLIC = Buffer.from("public");

/** usmStats, RFC 3414 section 5. */
const USM_STATS = "1.3.6.1.6.3.15.1.1";

/** What makes each Report due. */
const REASONS: Readonly<Record<string, (asked: Opened, judge: SnmpJudge) => boolean>> = {
  [`${USM_STATS}.1.0`]: ({ proof, signed, encrypted }) => !!proof && (!signed || encrypted !== proof.hides),
  [`${USM_STATS}.2.0`]: (asked, judge) => asked.proven === true && !judge.isTimely(asked),
  [`${USM_STATS}.3.0`]: ({ proof }) => proof === undefined,
  [`${USM_STATS}.4.0`]: ({ engineId }, judge) => !judge.isOwn(engineId),
  [`${USM_STATS}.5.0`]: ({ proven }) => proven === false,
  [`${USM_STATS}.6.0`]: ({ proven, encrypted, pdu }) => proven === true && encrypted && pdu === undefined,
  "1.3.6.1.6.3.12.1.5.0": ({ contextName }) => (contextName?.length ?? 0) > 0,
  "1.3.6.1.6.3.11.2.1.3.0": ({ contextEngineId, pdu }, judge) =>
    pdu?.tag === TAG.inform || (contextEngineId !== undefined && !judge.isOwn(contextEngineId)),
};

/** Whoever sends one of these waits for no answer (RFC 3411 section 2.8): to report to them would make two agents talk for ever. */
const UNCONFIRMED: readonly number[] = [TAG.response, TAG.trapV1, TAG.trap, TAG.report];

export class SnmpJudge {
  readonly counts = { answered: 0, reports: 0, errors: 0, rows: 0 };
  readonly #rows: readonly Row[];
  readonly #byName: ReadonlyMap<string, Row>;
  readonly #engine: Engine;
  readonly #proofs: ReadonlyMap<string, Proof>;

  constructor(rows: readonly Row[], engine: Engine, users: readonly UsmUser[]) {
    this.#rows = rows;
    this.#byName = new Map(rows.map((row) => [row.name.join("."), row]));
    this.#engine = engine;
    this.#proofs = new Map(users.map((user) => [user.name, proofOf(user, engine.id)]));
  }

  /** @throws AssertionError when that is no answer to that question, or none where one is due */
  judge(question: Buffer, answer: Buffer | undefined): void {
    if (answer === undefined) {
      assert.ok(!this.#isProper(question), "a proper question has no answer");
      return;
    }
    this.counts.answered++;
    const whole = elementAt(answer, 0);
    assert.equal(whole.octets.length, answer.length, "octets behind the answer");
    assert.ok(answer.length <= LARGEST, "an answer that no datagram carries");
    if (versionOf(answer) === 3n) this.#judgeVersion3(question, answer);
    else this.#judgeCommunity(question, answer);
  }

  isOwn(engineId: Uint8Array): boolean {
    return Buffer.compare(engineId, this.#engine.id) === 0;
  }

  isTimely({ boots, time }: Opened): boolean {
    const off = time - BigInt(this.#engine.time());
    return boots === BigInt(this.#engine.boots) && off <= TIME_WINDOW && off >= -TIME_WINDOW;
  }

  /** Asked by somebody who may ask, as the RFCs say: that has an answer. */
  #isProper(question: Buffer): boolean {
    try {
      if (versionOf(question) === 3n) {
        const asked = openedBy(question, this.#proofs);
        return asked.canonical && this.#mayAsk(asked) && isReadable(asked.pdu, 3n);
      }
      const asked = communityMessage(question);
      return asked.canonical && asked.community.equals(PUBLIC) && isReadable(asked.pdu, asked.version);
    } catch (error) {
      if (error instanceof Malformed) return false;
      throw error;
    }
  }

  /** Whether data is due to who asked so. */
  #mayAsk(asked: Opened): boolean {
    return (
      asked.proven === true &&
      asked.encrypted === asked.proof?.hides &&
      asked.model === 3n &&
      asked.maxSize >= 484n &&
      asked.messageId >= 0n &&
      this.isOwn(asked.engineId) &&
      this.isTimely(asked) &&
      asked.contextEngineId !== undefined &&
      this.isOwn(asked.contextEngineId) &&
      asked.contextName?.length === 0
    );
  }

  #judgeCommunity(question: Buffer, answer: Buffer): void {
    const asked = communityMessage(question);
    const answered = communityMessage(answer);
    assert.equal(answered.version, asked.version);
    assert.ok(answered.community.equals(asked.community), "another community");
    assert.ok(answered.community.equals(PUBLIC), "an answer to a stranger");
    this.#judgePdu(asked.pdu, answered.pdu, { version1: asked.version === 0n, limit: LARGEST, length: answer.length });
  }

  #judgeVersion3(question: Buffer, answer: Buffer): void {
    const asked = openedBy(question, this.#proofs);
    const answered = openedBy(answer, this.#proofs);
    assert.ok(answered.proven !== false, "an answer whose digest is wrong");
    assert.equal(answered.messageId, asked.messageId);
    assert.equal(answered.user, asked.user);
    assert.ok(this.isOwn(answered.engineId) && this.isTimely(answered), "an answer of another engine");
    assert.ok(answered.pdu, "an answer that can be read");
    if (answered.pdu.tag === TAG.report) {
      this.#judgeReport(asked, answered.pdu);
      return;
    }
    assert.ok(this.#mayAsk(asked), "data for somebody to whom none is due");
    assert.ok(asked.pdu, "an answer to what cannot be read");
    assert.equal(answered.proven, true);
    assert.equal(answered.encrypted, asked.encrypted);
    const limit = Math.min(LARGEST, Number(asked.maxSize));
    assert.ok(answer.length <= limit, "an answer longer than its receiver takes");
    this.#judgePdu(asked.pdu, answered.pdu, { version1: false, limit, length: answer.length });
  }

  #judgeReport(asked: Opened, { varbinds, second }: Pdu): void {
    this.counts.reports++;
    const [counter, more] = varbinds;
    assert.ok(counter && !more && second === STATUS.noError, "one counter");
    const name = counter.name.join(".");
    assert.ok(REASONS[name]?.(asked, this), `a Report of ${name} without a reason`);
    assert.ok(asked.reportable, "a Report that nobody asked for");
    // Reports of USM come before what is encrypted is read.
    const isRead = asked.canonical && (!asked.encrypted || !name.startsWith(USM_STATS));
    assert.ok(!isRead || !UNCONFIRMED.includes(asked.pdu?.tag ?? 0), "a Report to who does not wait for one");
  }

  #judgePdu(asked: Pdu, answered: Pdu, room: Room): void {
    assert.equal(answered.tag, TAG.response);
    assert.equal(answered.requestId, asked.requestId);
    if (answered.second !== STATUS.noError) {
      this.counts.errors++;
      this.#judgeError(asked, answered, room);
      return;
    }
    assert.equal(answered.third, 0n);
    this.counts.rows += answered.varbinds.length;
    if (asked.tag === TAG.getBulk) {
      this.#judgeBulk(asked, answered, room);
      return;
    }
    assert.ok(asked.tag !== TAG.set || asked.varbinds.length === 0, "a SET that is done");
    assert.equal(answered.varbinds.length, asked.varbinds.length);
    for (const [index, { name }] of asked.varbinds.entries()) {
      const given = answered.varbinds[index] ?? assert.fail();
      if (asked.tag === TAG.getNext) this.#isNext(name, given, room.version1);
      else this.#isOf(name, given, room.version1);
    }
  }

  #judgeError(asked: Pdu, answered: Pdu, room: Room): void {
    const { second: status, third: index } = answered;
    assert.ok(index >= 0n && index <= BigInt(asked.varbinds.length), "an error-index of a binding");
    if (status === STATUS.tooBig) {
      assert.equal(index, 0n);
      assert.ok(this.#octetsDue(asked, room.version1) + AROUND > room.limit, "tooBig for what has room");
    } else {
      const at = Number(index) - 1;
      const { name } = asked.varbinds[at] ?? assert.fail(`an error ${status} of no binding`);
      if (asked.tag === TAG.set) {
        assert.equal(index, 1n);
        const due: bigint[] = [room.version1 ? STATUS.noSuchName : STATUS.notWritable];
        if (!room.version1 && !this.#byName.has(name.join("."))) due.push(STATUS.noAccess);
        assert.ok(due.includes(status), `error ${status} of a SET`);
      } else {
        assert.ok(room.version1 && status === STATUS.noSuchName, `error ${status}`);
        const missing = asked.varbinds.findIndex((varbind) => !this.#due(asked.tag, varbind.name, true));
        assert.equal(at, missing, "the first binding that there is not");
      }
    }
    if (status === STATUS.tooBig && !room.version1) assert.equal(answered.varbinds.length, 0);
    else
      assert.deepEqual(answered.varbinds.map(octetsOf), asked.varbinds.map(octetsOf), "what was asked is told again");
  }

  /** Of the bindings that a whole answer has at least: one, of GETBULK. */
  #octetsDue(asked: Pdu, version1: boolean): number {
    const names = asked.tag === TAG.getBulk ? asked.varbinds.slice(0, 1) : asked.varbinds;
    const tag = asked.tag === TAG.getBulk ? TAG.getNext : asked.tag;
    return names.reduce((sum, { name, value }) => {
      const row = this.#due(tag, name, version1);
      return sum + octetsOfName(row?.name ?? name) + (row?.octets.length ?? value.octets.length) + 4;
    }, 0);
  }

  #due(tag: number, name: Oid, version1: boolean): Row | undefined {
    if (tag === TAG.getNext) return this.#after(name, version1);
    const row = this.#byName.get(name.join("."));
    return version1 && row?.tag === TAG.counter64 ? undefined : row;
  }

  #judgeBulk(asked: Pdu, answered: Pdu, room: Room): void {
    const once = Math.min(Math.max(0, Number(asked.second)), asked.varbinds.length);
    const columns = asked.varbinds.length - once;
    const { varbinds } = answered;
    const most = once + Math.max(0, Number(asked.third)) * columns;
    assert.ok(varbinds.length <= most, "more rows than were asked for");
    const before = asked.varbinds.map(({ name }) => name);
    const place = (index: number) => (index < once ? index : once + ((index - once) % columns));
    let ended = 0;
    for (const [index, given] of varbinds.entries()) {
      const at = place(index);
      if (at === once) ended = 0;
      if (!this.#isNext(before[at] ?? assert.fail(), given, false)) ended++;
      before[at] = given.name;
    }
    const isOver = varbinds.length >= once && (varbinds.length - once) % Math.max(1, columns) === 0 && ended >= columns;
    if (varbinds.length === most || isOver) return;
    const name = before[place(varbinds.length)] ?? [];
    const next = this.#after(name, false);
    const octets = octetsOfName(next?.name ?? name) + (next?.octets.length ?? 2) + 4;
    assert.ok(room.length + octets + AROUND > room.limit, "rows are left out for which there is room");
  }

  /** False: rightly, it says that there is none. */
  #isNext(name: Oid, given: Varbind, version1: boolean): boolean {
    const next = this.#after(name, version1);
    if (next === undefined) {
      assert.equal(given.value.tag, TAG.endOfMibView, "the end");
      assert.ok(compare(given.name, name) === 0, "the end of another name");
      assert.ok(!version1, "an exception in version 1");
      return false;
    }
    assert.ok(compare(given.name, next.name) === 0, `${given.name.join(".")} is not next after ${name.join(".")}`);
    hasValue(next, given);
    return true;
  }

  #after(name: Oid, version1: boolean): Row | undefined {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#rows[middle]?.name ?? [], name) > 0) high = middle;
      else low = middle + 1;
    }
    while (version1 && this.#rows[low]?.tag === TAG.counter64) low++;
    return this.#rows[low];
  }

  #isOf(name: Oid, given: Varbind, version1: boolean): void {
    assert.ok(compare(given.name, name) === 0, "another name than was asked for");
    const row = this.#due(TAG.get, name, version1);
    const isNone = given.value.tag === TAG.noSuchObject || given.value.tag === TAG.noSuchInstance;
    if (row === undefined) assert.ok(!version1 && isNone, "a value of nothing");
    else hasValue(row, given);
  }
}

/** What an answer has to keep to. */
interface Room {
  readonly version1: boolean;
  /** Octets that it may have, and has. */
  readonly limit: number;
  readonly length: number;
}

/** @throws Malformed */
function versionOf(octets: Buffer): bigint {
  const [version] = leading(elementAt(octets, 0).content, 1);
  if (version?.tag !== TAG.integer) throw new Malformed("no version");
  return integer(version);
}

function isReadable({ tag, varbinds }: Pdu = NO_PDU, version: bigint): boolean {
  const types: number[] = version === 0n ? [TAG.get, TAG.getNext] : [TAG.get, TAG.getNext, TAG.getBulk];
  const isKnown = version === 0n || version === 1n || version === 3n;
  return (
    isKnown &&
    types.includes(tag) &&
    varbinds.every(({ value }) => value.tag === TAG.null && value.content.length === 0)
  );
}
const NO_PDU: Pdu = { tag: 0, requestId: 0n, second: 0n, third: 0n, varbinds: [], canonical: false };

function hasValue(row: Row, { value }: Varbind): void {
  assert.equal(value.tag, row.tag);
  if (!row.moves) assert.ok(value.octets.equals(row.octets), `another value of ${row.name.join(".")}`);
}

function octetsOf({ name, value }: Varbind): string {
  return `${name.join(".")} ${value.octets.toString("hex")}`;
}

/** With tag and length, and those of the binding. */
function octetsOfName(name: Oid): number {
  return name.reduce((sum, arc) => sum + (arc < 128 ? 1 : arc < 16_384 ? 2 : arc < 2_097_152 ? 3 : 5), 0) + 8;
}
