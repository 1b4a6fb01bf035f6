import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { request } from "../exposition/snmp/manager.ts";
import { anEngine } from "../snmp/an-snmp-engine.ts";
import { OWN, PLAIN, sealed, USER } from "../snmp/v3-manager.ts";
import { SnmpJudge } from "./snmp-judge.ts";
import { TAG } from "./snmp-octets.ts";
import { walked } from "./snmp-walk.ts";

const GET_BULK = { type: TAG.getBulk, names: ["1.3.6.1.2.1.2"], first: 0, second: 20 };
const IF_NUMBER = "1.3.6.1.2.1.2.1.0";

describe("the judge of SNMP answers", () => {
  const engine = anEngine({ users: [USER, PLAIN] });
  const ask = (question: Uint8Array) => {
    const answer = engine.receive(question, "127.0.0.1");
    return answer && Buffer.from(answer);
  };
  const judge = new SnmpJudge(walked(ask), OWN, [USER, PLAIN]);
  const get = request({ names: [IF_NUMBER] });
  const answerTo = (question: Uint8Array) => ask(question) ?? assert.fail("no answer");

  for (const [what, question] of [
    ["GET", get],
    ["GET of version 1 of what there is not", request({ version: 0, names: [IF_NUMBER, "1.3.6.1.9"] })],
    ["GETNEXT", request({ type: TAG.getNext, names: ["1.3", "2.99"] })],
    ["GETBULK", request(GET_BULK)],
    ["GETBULK over the end", request({ ...GET_BULK, names: ["1.3.6.1.6.3.18"] })],
    ["SET", request({ type: TAG.set, names: [IF_NUMBER] })],
    ["GET of version 3", sealed({ names: [IF_NUMBER] })],
    ["GET of version 3 at a wrong time", sealed({ names: [IF_NUMBER], time: 1 })],
    ["GET of version 3 in another context", sealed({ user: PLAIN, contextName: "elsewhere" })],
    ["SET of version 3", sealed({ user: PLAIN, type: TAG.set })],
  ] as const) {
    test(`agrees with the answer to a ${what}`, () => judge.judge(Buffer.from(question), answerTo(question)));
  }

  const wrong: readonly (readonly [what: string, question: Uint8Array, answer: Buffer | undefined])[] = [
    ["silence to a proper GET", get, undefined],
    ["silence to a proper GET of version 3", sealed({ names: [IF_NUMBER] }), undefined],
    ["another value", get, lastOctetChanged(answerTo(get))],
    ["the answer to another request", request({ names: [IF_NUMBER], requestId: 8 }), answerTo(get)],
    ["the answer about another name", request({ names: ["1.3.6.1.2.1.1.5.0"] }), answerTo(get)],
    ["fewer rows than there is room for", request(GET_BULK), answerTo(request({ ...GET_BULK, second: 19 }))],
    ["more rows than were asked for", request(GET_BULK), answerTo(request({ ...GET_BULK, second: 21 }))],
    ["noSuchName of what there is", request({ version: 0, names: [IF_NUMBER] }), noSuchName()],
    [
      "data for somebody at a wrong time",
      sealed({ names: [IF_NUMBER], time: 1 }),
      answerTo(sealed({ names: [IF_NUMBER] })),
    ],
    ["a Report to somebody who is right", sealed({ names: [IF_NUMBER] }), answerTo(sealed({ time: 1 }))],
    ["an answer whose digest is wrong", sealed({}), lastOctetChanged(answerTo(sealed({})))],
  ];
  for (const [what, question, answer] of wrong) {
    test(`objects to ${what}`, () => {
      assert.throws(() => judge.judge(Buffer.from(question), answer), assert.AssertionError);
    });
  }

  function noSuchName(): Buffer {
    return Buffer.from(request({ version: 0, type: TAG.response, names: [IF_NUMBER], first: 2, second: 1 }));
  }
});

function lastOctetChanged(octets: Buffer): Buffer {
  const copy = Buffer.from(octets);
  copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
  return copy;
}
