/** A program that was busy finds answers in its sockets, and the deadlines of their requests over: what came in time counts. */

import assert from "node:assert/strict";
import { Socket } from "node:dgram";
import { stat } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Manager } from "#src/sources/snmp/manager.js";
import { FakeDevice } from "../../support/fake-device.ts";
import { ThreadedDevice } from "../../support/threaded-device.ts";

const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
const TIMEOUT_MS = 100;
/** Longer than a request may take, with all that it is sent again. */
const HELD_MS = 2_000;

function managerOf(t: TestContext, target: string): Manager {
  const device = parseSnmpEndpoint(target);
  assert.ok(device);
  const manager = new Manager({ device, credential: { version: 2, community: "public" }, timeoutMs: TIMEOUT_MS });
  t.after(() => manager.close());
  return manager;
}

test("an answer that came in time counts, and is not asked for again, when the program reads it late", async (t) => {
  const device = await ThreadedDevice.start(t);
  const manager = managerOf(t, device.target);
  while ((await manager.get([SYS_UP_TIME])).kind !== "answered"); // the socket is open
  const before = device.requests;
  await stat("."); // from here on the loop is where it reads sockets: timers come before it reads them again
  const question = manager.get([SYS_UP_TIME]);
  for (let n = 0; n < 5; n++) await new Promise<void>((resolve) => process.nextTick(resolve)); // the request goes out
  device.holdUntilAnswered(before + 1);
  const until = performance.now() + HELD_MS;
  while (performance.now() < until);
  assert.equal((await question).kind, "answered");
  assert.equal(device.requests, before + 1);
});

test("a request that nobody answers is sent twice, and is over", async (t) => {
  const fake = await FakeDevice.start(t);
  const manager = managerOf(t, fake.target);
  fake.misbehave = () => undefined;
  const answer = await manager.get([SYS_UP_TIME]);
  assert.equal("outcome" in answer && answer.outcome, "timeout");
  assert.deepEqual(
    fake.requests.map(({ pdu }) => pdu.requestId === fake.requests[0]?.pdu.requestId),
    [true, true],
  );
  fake.misbehave = undefined;
  assert.equal((await manager.get([SYS_UP_TIME])).kind, "answered");
});

test("a request that never went out is over, and its deadline ends no other", async (t) => {
  const fake = await FakeDevice.start(t);
  const manager = managerOf(t, fake.target);
  const ask = async () => {
    const answer = await manager.get([SYS_UP_TIME]);
    return answer.kind === "answered" ? answer.kind : answer.outcome;
  };
  assert.equal(await ask(), "answered");
  const sending = t.mock.method(Socket.prototype, "send", () => {}); // as a socket that cannot be bound
  assert.equal(await ask(), "timeout");
  sending.mock.restore();
  fake.misbehave = (_request, proper, send) => {
    setTimeout(() => send(proper), TIMEOUT_MS / 2); // so that one question or another is always under way
    return undefined;
  };
  const until = performance.now() + HELD_MS;
  while (performance.now() < until) assert.equal(await ask(), "answered");
});

test("an answer to the first sending counts after the second", async (t) => {
  const fake = await FakeDevice.start(t);
  const manager = managerOf(t, fake.target);
  let first: (() => void) | undefined;
  fake.misbehave = (_request, proper, send) => {
    if (first) first();
    first ??= () => send(proper);
    return undefined;
  };
  assert.equal((await manager.get([SYS_UP_TIME])).kind, "answered");
  assert.equal(fake.requests.length, 2);
});
