/**
 * SNMP requests of all versions, made by their grammar and changed before or after they are sealed; every answer is judged by a reader and a
 * table that share no code with the agent.
 */

import assert from "node:assert/strict";
import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { LocalizedUser } from "#src/snmp/usm.js";
import { facts } from "../exposition/snmp/facts.ts";
import { request } from "../exposition/snmp/manager.ts";
import { anEngine } from "../snmp/an-snmp-engine.ts";
import { mutate } from "../snmp/mutation.ts";
import { type Asked, OWN, PLAIN, sealed, USER } from "../snmp/v3-manager.ts";
import { SILENT } from "../support/silent-log.ts";
import {
  communityMessage,
  compare,
  elementAt,
  elements,
  integer,
  leading,
  Malformed,
  type Oid,
  type Pdu,
  pdu,
  type Tlv,
} from "./snmp-octets.ts";
import type { FuzzTarget, Random } from "./target.ts";

const GET = 0xa0;
const GET_NEXT = 0xa1;
const RESPONSE = 0xa2;
const SET = 0xa3;
const GET_BULK = 0xa5;
const REPORT = 0xa8;
const COUNTER64 = 0x46;
const END_OF_MIB_VIEW = 0x82;
const EXCEPTIONS = [0x80, 0x81, END_OF_MIB_VIEW];
/** noError to inconsistentName, RFC 3416. */
const LAST_STATUS = 18n;

interface Row {
  readonly name: Oid;
  readonly tag: number;
  /** With tag and length. */
  readonly octets: Buffer;
  /** A walk finds it with another value later: a counter of the agent itself. */
  moves: boolean;
}

export class SnmpTarget implements FuzzTarget {
  readonly #errors: unknown[] = [];
  readonly #engine = anEngine({
    users: [USER, PLAIN],
    facts: facts(),
    log: { ...SILENT, error: (_message: string, fields?: object) => this.#errors.push(fields) },
  });
  readonly #keys = new Map([USER, PLAIN].map((user) => [user.name, new LocalizedUser(user, OWN.id)]));
  readonly #rows: readonly Row[];
  readonly #counts = { taken: 0, answered: 0, judged: 0 };

  constructor() {
    this.#rows = this.#walk();
    this.#walk();
    for (const [index, later] of this.#walk().entries()) {
      const row = this.#rows[index];
      if (row) row.moves = !row.octets.equals(later.octets);
    }
    assert.ok(this.#rows.length > 300, "the table has rows to walk");
  }

  summary(): string {
    const { answered, judged } = this.#counts;
    return `${answered} answered, ${judged} of them judged name by name`;
  }

  make(random: Random): Uint8Array {
    const names = Array.from({ length: random(8) === 0 ? random(60) : 1 + random(3) }, () => this.#name(random));
    const type = [GET, GET_NEXT, GET_BULK, GET_BULK, SET, RESPONSE, REPORT][random(random(10) === 0 ? 7 : 3)] ?? GET;
    const [first, second] = [random(4), random(100) === 0 ? 2 ** 31 - 1 : ([0, 1, 2, 5, 20][random(5)] ?? 0)];
    if (random(3) > 0) {
      const version = random(20) === 0 ? random(5) : random(2);
      const community = random(20) === 0 ? "private" : "public";
      const numbers = type === GET_BULK ? { first, second } : {};
      const whole = request({ version, community, type, names, requestId: random(2 ** 31), ...numbers });
      return random(2) === 0 ? whole : spoilt(whole, random);
    }
    const user = random(2) === 0 ? USER : PLAIN;
    const keys = this.#keys.get(user.name);
    const asked: Asked = {
      user,
      names: names.map((name) => name.join(".")),
      type,
      second,
      ...(keys && { keys }),
      ...(random(10) === 0 && { engineId: Buffer.alloc(random(33), random(256)) }),
      ...(random(10) === 0 && { boots: random(5), time: random(2000) }),
      ...(random(10) === 0 && { flags: random(8) }),
      ...(random(20) === 0 && { name: "nobody" }),
      ...(random(20) === 0 && { contextName: "elsewhere" }),
      ...(random(20) === 0 && { maxSize: 484 + random(1000) }),
      ...(random(3) === 0 && { spoilPdu: (scoped: Uint8Array) => spoilt(scoped, random) }),
    };
    const message = sealed(asked);
    return random(3) === 0 ? spoilt(message, random) : message;
  }

  take(input: Uint8Array): void {
    this.#counts.taken++;
    const reply = this.#engine.receive(input, "127.0.0.1");
    if (this.#errors.length > 0) assert.deepEqual(this.#errors, [], "the agent failed");
    const question = Buffer.from(input);
    if (reply === undefined) {
      this.#mayBeSilent(question);
      return;
    }
    this.#counts.answered++;
    const answer = Buffer.from(reply);
    const whole = elementAt(answer, 0);
    assert.equal(whole.octets.length, answer.length, "octets behind the answer");
    const [version] = elements(whole.content);
    assert.ok(version);
    if (integer(version) === 3n) this.#judgeVersion3(question, answer);
    else this.#judgeCommunity(question, answer);
  }

  #name(random: Random): Oid {
    const row = this.#rows[random(this.#rows.length)]?.name ?? [1, 3];
    switch (random(6)) {
      case 0:
        return row.slice(0, 2 + random(row.length - 1));
      case 1:
        return [...row, random(300)];
      case 2:
        return row.map((arc, index) => (index > 1 && random(12) === 0 ? random(2) * 4_294_967_295 : arc));
      case 3:
        return [1, 3, ...Array.from({ length: random(126) }, () => random(3) * 1_000_000)];
      default:
        return row;
    }
  }

  /** All rows, by GETNEXT from the first to the end. */
  #walk(): Row[] {
    const rows: Row[] = [];
    for (let name: Oid = [1, 3]; ; ) {
      const reply = this.#engine.receive(request({ type: GET_NEXT, names: [[...name]] }), "127.0.0.1");
      const [binding] = communityMessage(Buffer.from(reply ?? assert.fail("a walk is not answered"))).pdu.varbinds;
      if (!binding || binding.value.tag === END_OF_MIB_VIEW) return rows;
      assert.ok(compare(binding.name, name) > 0, "a walk goes on");
      name = binding.name;
      rows.push({ name, tag: binding.value.tag, octets: Buffer.from(binding.value.octets), moves: false });
    }
  }

  /** A proper question by somebody who may ask has an answer. */
  #mayBeSilent(question: Buffer): void {
    let asked: ReturnType<typeof communityMessage>;
    try {
      asked = communityMessage(question);
    } catch (error) {
      if (error instanceof Malformed) return;
      throw error;
    }
    const types = asked.version === 0n ? [GET, GET_NEXT] : asked.version === 1n ? [GET, GET_NEXT, GET_BULK] : [];
    const isProper =
      asked.canonical &&
      asked.community.equals(Buffer.from("public")) &&
      types.includes(asked.pdu.tag) &&
      asked.pdu.varbinds.every(({ value }) => value.tag === 5 && value.content.length === 0);
    assert.ok(!isProper, "a proper question has no answer");
  }

  #judgeCommunity(question: Buffer, answer: Buffer): void {
    const asked = communityMessage(question);
    const answered = communityMessage(answer);
    assert.equal(answered.version, asked.version);
    assert.ok(answered.community.equals(asked.community), "another community");
    assert.equal(answered.community.toString(), "public");
    assert.equal(answered.pdu.tag, RESPONSE);
    this.#judgePdu(asked.pdu, answered.pdu, asked.version === 0n);
  }

  #judgeVersion3(question: Buffer, answer: Buffer): void {
    const asked = openedBy(question, this.#proofs);
    const answered = openedBy(answer, this.#proofs);
    assert.ok(answered.proven !== false, "an answer whose digest is right");
    assert.equal(answered.messageId, asked.messageId);
    assert.ok(answered.pdu, "an answer that can be read");
    if (answered.pdu.tag === REPORT) {
      assert.equal(answered.pdu.varbinds.length, 1);
      return;
    }
    assert.equal(asked.proven, true, "data for somebody who has proven nothing");
    assert.equal(answered.proven, true);
    assert.ok(asked.pdu, "an answer to what cannot be read");
    assert.equal(answered.pdu.tag, RESPONSE);
    this.#judgePdu(asked.pdu, answered.pdu, false);
  }

  readonly #proofs = new Map([USER, PLAIN].map((user) => [user.name, proofOf(user)]));

  #judgePdu(asked: Pdu, answered: Pdu, isVersion1: boolean): void {
    assert.equal(answered.requestId, asked.requestId);
    const count = BigInt(asked.varbinds.length);
    assert.ok(answered.second >= 0n && answered.second <= LAST_STATUS, "an error-status that there is");
    assert.ok(answered.third >= 0n && answered.third <= count, "an error-index of a binding");
    if (answered.second !== 0n) {
      assert.notEqual(answered.second, 5n, "genErr");
      return;
    }
    this.#counts.judged++;
    if (asked.tag === GET_BULK) {
      this.#judgeBulk(asked, answered);
      return;
    }
    assert.ok(asked.tag !== SET || count === 0n, "a SET that is done");
    assert.equal(answered.varbinds.length, asked.varbinds.length);
    for (const [index, { name }] of asked.varbinds.entries()) {
      const given = answered.varbinds[index] ?? assert.fail();
      if (asked.tag === GET_NEXT) this.#isNext(name, given, isVersion1);
      else this.#isOf(name, given, isVersion1);
    }
  }

  #judgeBulk(asked: Pdu, answered: Pdu): void {
    const once = Math.min(Math.max(0, Number(asked.second)), asked.varbinds.length);
    const columns = asked.varbinds.length - once;
    let before = asked.varbinds.map(({ name }) => name);
    for (const [index, given] of answered.varbinds.entries()) {
      const at = index < once ? index : once + ((index - once) % Math.max(1, columns));
      this.#isNext(before[at] ?? assert.fail("more bindings than were asked for"), given, false);
      before = before.with(at, given.name);
    }
    const most = once + Math.max(0, Number(asked.third)) * columns;
    assert.ok(answered.varbinds.length <= most, "more rows than were asked for");
  }

  #isNext(name: Oid, given: Pdu["varbinds"][number], isVersion1: boolean): void {
    let [low, high] = [0, this.#rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#rows[middle]?.name ?? [], name) > 0) high = middle;
      else low = middle + 1;
    }
    while (isVersion1 && this.#rows[low]?.tag === COUNTER64) low++;
    const next = this.#rows[low];
    if (next === undefined) {
      assert.equal(given.value.tag, END_OF_MIB_VIEW, "the end");
      assert.ok(compare(given.name, name) === 0, "the end of another name");
      return;
    }
    assert.ok(compare(given.name, next.name) === 0, `${given.name.join(".")} is not next after ${name.join(".")}`);
    this.#hasValue(next, given);
  }

  #isOf(name: Oid, given: Pdu["varbinds"][number], isVersion1: boolean): void {
    assert.ok(compare(given.name, name) === 0, "another name than was asked for");
    const row = this.#byName.get(name.join("."));
    if (row === undefined) assert.ok(!isVersion1 && EXCEPTIONS.includes(given.value.tag), "a value of nothing");
    else this.#hasValue(row, given);
  }

  get #byName(): ReadonlyMap<string, Row> {
    this.#index ??= new Map(this.#rows.map((row) => [row.name.join("."), row]));
    return this.#index;
  }
  #index: Map<string, Row> | undefined;

  #hasValue(row: Row, { value }: Pdu["varbinds"][number]): void {
    assert.equal(value.tag, row.tag);
    if (!row.moves) assert.ok(value.octets.equals(row.octets), `another value of ${row.name.join(".")}`);
  }
}

/** Octets changed blindly, or one element of the tree changed, left out, doubled or given another length. */
function spoilt(octets: Uint8Array, random: Random): Uint8Array {
  if (random(3) === 0) return mutate(octets, random);
  const whole = Buffer.from(octets);
  const places: number[] = [];
  const visit = (from: number, to: number): void => {
    for (let at = from; at < to; ) {
      const one = elementAt(whole.subarray(0, to), at);
      places.push(at);
      if ((one.tag & 0x20) !== 0) visit(at + one.octets.length - one.content.length, at + one.octets.length);
      at += one.octets.length;
    }
  };
  try {
    visit(0, whole.length);
  } catch {
    return mutate(octets, random);
  }
  const at = places[random(places.length)] ?? 0;
  const { octets: element } = elementAt(whole, at);
  const end = at + element.length;
  const around = (middle: Uint8Array) => Buffer.concat([whole.subarray(0, at), middle, whole.subarray(end)]);
  switch (random(6)) {
    case 0:
      return around(new Uint8Array(0));
    case 1:
      return around(Buffer.concat([element, element]));
    case 2:
      whole[at] = [2, 4, 5, 6, 0x30, 0x40, 0x46, 0xa0 + random(9), random(256)][random(9)] ?? 0;
      return whole;
    case 3:
      whole[at + 1] = [0, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, random(256)][random(8)] ?? 0;
      return whole;
    case 4: {
      const other = elementAt(whole, places[random(places.length)] ?? 0);
      return around(Buffer.from(other.octets));
    }
    default:
      return around(mutate(element, random));
  }
}

interface Proof {
  readonly hash: string;
  readonly length: number;
  readonly authKey: Buffer;
  readonly privKey: Buffer;
}

/** RFC 3414 A.2 and RFC 7860, written again. */
function proofOf(user: typeof USER): Proof {
  const hash = user.auth.protocol === "SHA-256" ? "sha256" : "sha1";
  const key = (password: string): Buffer => {
    const digest = createHash(hash);
    const text = Buffer.from(password.repeat(Math.ceil(4096 / password.length)));
    for (let left = 1 << 20, at = 0; left > 0; ) {
      const piece = Math.min(left, 1024);
      digest.update(text.subarray(at % password.length, (at % password.length) + piece));
      at += piece;
      left -= piece;
    }
    const long = digest.digest();
    return createHash(hash).update(long).update(OWN.id).update(long).digest();
  };
  return {
    hash,
    length: hash === "sha256" ? 24 : 12,
    authKey: key(user.auth.password),
    privKey: key((user.priv ?? user.auth).password).subarray(0, 16),
  };
}

interface Opened {
  readonly messageId: bigint;
  /** Undefined: nobody claims to have written it. */
  readonly proven: boolean | undefined;
  /** Undefined: it cannot be read. */
  readonly pdu: Pdu | undefined;
}

/** A message of version 3 as somebody reads it who has the keys of all users. @throws Malformed */
function openedBy(octets: Buffer, proofs: ReadonlyMap<string, Proof>): Opened {
  // Octets behind the message are none of it.
  const { content, octets: message } = elementAt(octets, 0);
  const [version, header, security] = leading(content, 3);
  if (!version || !header || !security) throw new Malformed("no message of version 3");
  const [id, , flags] = leading(header.content, 3);
  const [, boots, time, user, digest, salt] = leading(elementAt(security.content, 0).content, 6);
  if (!id || !flags || !boots || !time || !user || !digest || !salt) throw new Malformed("no header");
  const messageId = integer(id);
  const proof = proofs.get(user.content.toString("latin1"));
  const bits = flags.content[0] ?? 0;
  let proven: boolean | undefined;
  if ((bits & 1) !== 0) {
    const blanked = Buffer.from(message);
    const at = digest.content.byteOffset - message.byteOffset;
    blanked.fill(0, at, at + digest.content.length);
    proven =
      proof !== undefined &&
      createHmac(proof.hash, proof.authKey).update(blanked).digest().subarray(0, proof.length).equals(digest.content);
  }
  try {
    const data = elementAt(content, version.octets.length + header.octets.length + security.octets.length);
    const scoped = (bits & 2) === 0 ? data : elementAt(deciphered(data.content, proof, boots, time, salt), 0);
    const [, , inner] = leading(scoped.content, 3);
    return { messageId, proven, pdu: inner && pdu(inner) };
  } catch (error) {
    if (error instanceof Malformed) return { messageId, proven, pdu: undefined };
    throw error;
  }
}

/** RFC 3826. @throws Malformed when there is no key, or no salt of eight octets */
function deciphered(data: Buffer, proof: Proof | undefined, boots: Tlv, time: Tlv, salt: Tlv): Buffer {
  if (proof === undefined || salt.content.length !== 8) throw new Malformed("nobody can decrypt it");
  const vector = Buffer.alloc(16);
  vector.writeUInt32BE(Number(BigInt.asUintN(32, integer(boots))), 0);
  vector.writeUInt32BE(Number(BigInt.asUintN(32, integer(time))), 4);
  salt.content.copy(vector, 8);
  return createDecipheriv("aes-128-cfb", proof.privKey, vector).update(data);
}
