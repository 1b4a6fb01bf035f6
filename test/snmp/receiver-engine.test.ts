/** Whom an inform of version 3 is made for: what receivers, and others in their name, say of it. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { wrapPdu } from "#src/exposition/snmp/protocol/pdu.js";
import { readHeader, wrapScopedPdu, wrapV3Message } from "#src/exposition/snmp/protocol/v3-message.js";
import { startAgent } from "#src/snmp/agent.js";
import { ReceiverEngine } from "#src/snmp/receiver-engine.js";
import type { UsmUser } from "#src/snmp/usm.js";
import { agentOptions } from "../support/agent-options.ts";
import { endpoint } from "../support/net-address.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { world } from "../support/snmp-world.ts";
import { eventually } from "../support/wait.ts";

const USER: UsmUser = { name: "nms", auth: { protocol: "SHA-256", password: "authentic" } };
const ONE = Buffer.from("80001f880501020304", "hex");
const OTHER = Buffer.from("80001f880505060708", "hex");
const TRIAL_MS = 1000;

const idOf = (engine: ReceiverEngine) => engine.now && Buffer.from(engine.now.id).toString("hex");

test("an engine that was told stands for its trial, and another one is believed after it", () => {
  const engine = new ReceiverEngine(USER, TRIAL_MS, () => 100);
  assert.equal(idOf(engine), undefined);
  assert.equal(engine.learn({ id: ONE, boots: 1, time: 500 }, 0), true);
  assert.deepEqual([engine.now?.boots, engine.now?.time], [1, 500]);
  assert.equal(
    engine.learn({ id: OTHER, boots: 1, time: 500 }, TRIAL_MS - 1),
    false,
    "keys are not made for everybody",
  );
  assert.equal(engine.isDoubtful(TRIAL_MS - 1), false);
  assert.equal(engine.isDoubtful(TRIAL_MS), true, "it has proven nothing");
  assert.equal(engine.learn({ id: OTHER, boots: 1, time: 500 }, TRIAL_MS), true);
  assert.equal(idOf(engine), OTHER.toString("hex"));
});

test("what is too short for an engine is none", () => {
  const engine = new ReceiverEngine(USER, TRIAL_MS, () => 0);
  assert.equal(engine.learn({ id: Buffer.from("abcd"), boots: 1, time: 1 }, 0), false);
  assert.equal(engine.now, undefined);
});

test("a proven clock goes forward only; until then, and after a doubt, any is taken", () => {
  const engine = new ReceiverEngine(USER, TRIAL_MS, () => 0);
  engine.learn({ id: ONE, boots: 900, time: 900 }, 0);
  assert.equal(
    engine.setClock({ id: ONE, boots: 2, time: 10 }),
    true,
    "what an unproven message said of it is nothing",
  );
  assert.equal(engine.setClock({ id: ONE, boots: 1, time: 999 }), false);
  assert.equal(engine.setClock({ id: ONE, boots: 2, time: 10 }), false, "no news");
  assert.equal(engine.setClock({ id: ONE, boots: 2, time: 11 }), true);
  assert.equal(engine.setClock({ id: ONE, boots: 3, time: 0 }), true);
  assert.equal(engine.isDoubtful(TRIAL_MS), false);
  engine.doubt();
  assert.equal(engine.now, undefined);
  engine.learn({ id: ONE, boots: 1, time: 1 }, TRIAL_MS);
  assert.equal(engine.setClock({ id: ONE, boots: 1, time: 0 }), true, "it began its life anew");
});

test("an engine is behind what it proved by boots, or by more than the time window", () => {
  const engine = new ReceiverEngine(USER, TRIAL_MS, () => 10);
  engine.learn({ id: ONE, boots: 5, time: 500 }, 0);
  assert.equal(engine.isBehind({ id: ONE, boots: 1, time: 1 }), false, "what it did not prove it may take back");
  engine.setClock({ id: ONE, boots: 5, time: 500 });
  for (const [boots, time, isBehind] of [
    [5, 500, false],
    [5, 350, false],
    [5, 349, true],
    [4, 9_000, true],
    [6, 0, false],
  ] as const) {
    assert.equal(engine.isBehind({ id: ONE, boots, time }), isBehind, `${boots} ${time}`);
  }
});

/** A Report usmStatsUnknownEngineIDs of that engine, in answer to a message. */
function reportTo(datagram: Uint8Array, engineId: Uint8Array, messageId?: number): Uint8Array {
  const body = new BerReader(datagram).enter(TAG.sequence);
  body.integer();
  const { id } = readHeader(body);
  const ber = new BerWriter(1024);
  ber.unsigned(TAG.counter32, 1);
  ber.objectIdentifier([1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0]);
  ber.wrap(TAG.sequence);
  wrapPdu(ber, TAG.report, 0, 0, 0);
  wrapScopedPdu(ber, engineId, Buffer.alloc(0));
  const none = new Uint8Array(0);
  wrapV3Message(
    ber,
    { id: messageId ?? id, maxSize: 65_507, flags: 0, securityModel: 3 },
    { engineId, boots: 1, time: 1, user: none, digest: none, salt: none },
  );
  return ber.content().slice();
}

test("a receiver that is another engine with every answer costs no more than a few messages", async (t) => {
  const receiver = createSocket("udp4").bind(0, "127.0.0.1");
  await once(receiver, "listening");
  let messages = 0;
  receiver.on("message", (datagram, { address, port }) => {
    messages++;
    const engineId = Buffer.from(ONE);
    engineId.writeUInt32BE(messages, 5);
    receiver.send(reportTo(datagram, engineId, 1), port, address); // answers nothing that was asked
    receiver.send(reportTo(datagram, engineId), port, address);
  });
  const retry = { timeoutMs: 40, attempts: 5 };
  const agent = await startAgent(
    agentOptions({
      ...world(aSnapshot({})),
      notifications: [
        {
          target: endpoint(`udp:127.0.0.1:${receiver.address().port}`),
          type: "inform",
          credential: { version: 3, user: USER },
          retry,
        },
      ],
    }),
  );
  t.after(async () => {
    await agent.close();
    receiver.close();
  });
  await eventually(
    () => agent.counters().informsUnacknowledged === 1n,
    () => `${messages} messages`,
  );
  // Per attempt a question or the inform, and once more when the answer was news; the trial bounds how often that is.
  assert.ok(messages >= retry.attempts && messages <= 3 * 2 ** retry.attempts, `${messages} messages`);
});
