/** SNMP requests of all versions, made by their grammar and changed before or after they are sealed; what each gets is judged (`snmp-judge.ts`). */

import assert from "node:assert/strict";
import { LocalizedUser } from "#src/snmp/usm.js";
import { facts } from "../exposition/snmp/facts.ts";
import { request } from "../exposition/snmp/manager.ts";
import { anEngine } from "../snmp/an-snmp-engine.ts";
import { mutate } from "../snmp/mutation.ts";
import { type Asked, OWN, PLAIN, sealed, USER } from "../snmp/v3-manager.ts";
import { SILENT } from "../support/silent-log.ts";
import { type Row, SnmpJudge } from "./snmp-judge.ts";
import { elementAt, type Oid, TAG } from "./snmp-octets.ts";
import { walked } from "./snmp-walk.ts";
import type { FuzzTarget, Random } from "./target.ts";

const USERS = [USER, PLAIN];

export class SnmpTarget implements FuzzTarget {
  readonly #errors: unknown[] = [];
  readonly #engine = anEngine({
    users: USERS,
    facts: facts(),
    log: { ...SILENT, error: (_message: string, fields?: object) => this.#errors.push(fields) },
  });
  readonly #keys = new Map(USERS.map((user) => [user.name, new LocalizedUser(user, OWN.id)]));
  readonly #rows: readonly Row[];
  readonly #judge: SnmpJudge;

  constructor() {
    this.#rows = walked((question) => this.#ask(question));
    this.#judge = new SnmpJudge(this.#rows, OWN, USERS);
  }

  summary(): string {
    const { answered, reports, errors, rows } = this.#judge.counts;
    return `${answered} answered: ${reports} by a Report, ${errors} by an error, the others with ${rows} rows; all judged`;
  }

  make(random: Random): Uint8Array {
    const names = Array.from({ length: random(8) === 0 ? random(60) : 1 + random(3) }, () => this.#name(random));
    const type =
      [TAG.get, TAG.getNext, TAG.getBulk, TAG.getBulk, TAG.set, TAG.response, TAG.report][
        random(random(10) === 0 ? 7 : 3)
      ] ?? TAG.get;
    const [first, second] = [random(4), random(100) === 0 ? 2 ** 31 - 1 : ([0, 1, 2, 5, 20][random(5)] ?? 0)];
    if (random(3) > 0) {
      const version = random(20) === 0 ? random(5) : random(2);
      const community = random(20) === 0 ? "private" : "public";
      const numbers = type === TAG.getBulk ? { first, second } : {};
      const whole = request({ version, community, type, names, requestId: random(2 ** 31), ...numbers });
      return random(2) === 0 ? whole : spoilt(whole, random);
    }
    const user = random(2) === 0 ? USER : PLAIN;
    const keys = this.#keys.get(user.name);
    const asked: Asked = {
      user,
      names,
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
    const answer = this.#ask(input);
    if (this.#errors.length > 0) assert.deepEqual(this.#errors, [], "the agent failed");
    this.#judge.judge(Buffer.from(input), answer);
  }

  #ask(question: Uint8Array): Buffer | undefined {
    const answer = this.#engine.receive(question, "127.0.0.1");
    return answer && Buffer.from(answer);
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
