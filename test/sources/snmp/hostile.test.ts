/** Devices that are broken or hostile: each question ends, nothing is believed that is not the device's, and other devices are read on. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { readHeader, USM, wrapScopedPdu, wrapV3Message } from "#src/exposition/snmp/protocol/v3-message.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Device } from "#src/sources/snmp/device.js";
import { Manager } from "#src/sources/snmp/manager.js";
import { pduOf } from "../../exposition/snmp/manager.ts";
import { generator, mutate } from "../../snmp/mutation.ts";
import { encode, FakeDevice, type Value } from "../../support/fake-device.ts";
import { polled } from "./polled-device.ts";

const NAMES = "1.3.6.1.2.1.31.1.1.1.1";

async function asked(t: TestContext, timeoutMs = 100) {
  const fake = await FakeDevice.start(t);
  const device = parseSnmpEndpoint(fake.target);
  assert.ok(device);
  const manager = new Manager({ device, credential: { version: 2, community: "public" }, timeoutMs });
  t.after(() => manager.close());
  return { fake, manager };
}

const outcome = ({ kind, ...rest }: Awaited<ReturnType<Manager["walk"]>> | Awaited<ReturnType<Manager["get"]>>) =>
  "outcome" in rest ? rest.outcome : kind;

test("a walk that repeats an object, goes back, or counts on for ever, ends", async (t) => {
  const { fake, manager } = await asked(t);
  const text: Value = { syntax: "OctetString", value: "eth0" };
  let asks = 0;
  for (const rows of [
    () => [`${NAMES}.1`, `${NAMES}.1`],
    () => [`${NAMES}.5`, `${NAMES}.4`],
    () => Array.from({ length: 25 }, (_, n) => `${NAMES}.${++asks * 100 + n}`),
  ]) {
    fake.twist = () => ({ status: 0, varbinds: rows().map((oid) => [oid, text] as const) });
    assert.equal(outcome(await manager.walk(NAMES)), "endless_walk");
  }
});

test("a walk of as many rows as are allowed ends with all of them, and one of more with none", async (t) => {
  const { fake, manager } = await asked(t);
  const text: Value = { syntax: "OctetString", value: "eth0" };
  let rows = 5_000;
  fake.twist = ({ pdu, names: [name = ""] }) => {
    const last = Number(name.slice(NAMES.length + 1));
    const oids = Array.from({ length: pdu.second }, (_, n) => last + 1 + n).map((row) =>
      row <= rows ? `${NAMES}.${row}` : `1.3.6.1.2.1.31.1.1.1.2.${row}`,
    );
    return { status: 0, varbinds: oids.map((oid) => [oid, text] as const) };
  };
  const all = await manager.walk(NAMES);
  assert.equal(all.kind === "answered" && all.value.length, 5_000);
  rows = 5_001;
  assert.equal(outcome(await manager.walk(NAMES)), "endless_walk");
});

test("an answer from another port or address is dropped, and said so when none comes from the device", async (t) => {
  const { fake, manager } = await asked(t);
  const stranger = createSocket("udp4");
  t.after(() => stranger.close());
  fake.misbehave = ({ from }, proper) => {
    stranger.send(proper, from.port, from.address);
    return undefined;
  };
  const answer = await manager.get(["1.3.6.1.2.1.1.3.0"]);
  assert.equal(outcome(answer), "timeout");
  assert.match("cause" in answer ? answer.cause : "", /what came from 127\.0\.0\.1 is not its own answer/);
});

test("other objects than were asked for, another community, silence and single octets are no answers", async (t) => {
  const { fake, manager } = await asked(t);
  const ask = async () => outcome(await manager.get(["1.3.6.1.2.1.1.3.0"]));
  fake.twist = (_request, reply) => ({
    ...reply,
    varbinds: [["1.3.6.1.2.1.1.4.0", { syntax: "Integer32", value: 1 }]],
  });
  assert.equal(await ask(), "malformed");
  fake.twist = undefined;
  fake.misbehave = ({ pdu, names }) =>
    encode(1, "private", pdu.requestId, 0, [[names[0] ?? "", { syntax: "Integer32", value: 1 }]]);
  assert.equal(await ask(), "malformed");
  fake.misbehave = () => undefined;
  assert.equal(await ask(), "timeout");
  fake.misbehave = (_request, proper, send) => {
    for (const octet of proper) send(Uint8Array.of(octet));
    return undefined;
  };
  assert.equal(await ask(), "timeout");
  fake.misbehave = undefined;
  assert.equal(await ask(), "answered");
});

test("an answer over which the library throws is no answer, and ends nothing", async (t) => {
  const { fake, manager } = await asked(t);
  const [response, report] = [0xa2, 0xa8];
  fake.misbehave = (_request, proper) => proper.with(proper.indexOf(response), report); // a Report, which is of version 3
  const uptime = "1.3.6.1.2.1.1.3.0";
  assert.equal(outcome(await manager.get([uptime])), "timeout");
  fake.misbehave = undefined;
  assert.equal(outcome(await manager.get([uptime])), "answered");
});

/** What a device without a clock says to a request of version 3, whatever that is. */
function reportOf(request: Uint8Array): Uint8Array {
  const body = new BerReader(request).enter(TAG.sequence);
  body.integer(); // the version
  const { id } = readHeader(body);
  const [engineId, nothing] = [Uint8Array.of(0x80, 0, 0, 9, 3, 1, 2, 3), new Uint8Array()];
  const ber = new BerWriter(1_024);
  pduOf(ber, { type: TAG.report, names: ["1.3.6.1.6.3.15.1.1.4.0"], requestId: 0 });
  wrapScopedPdu(ber, engineId, nothing);
  const header = { id, maxSize: 1_472, flags: 0, securityModel: USM };
  wrapV3Message(ber, header, { engineId, boots: 0, time: 0, user: nothing, digest: nothing, salt: nothing });
  return ber.content().slice();
}

test("a device of version 3 that says to each request that its clock stands at 0 is not asked for ever", async (t) => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  t.after(() => socket.close());
  await once(socket, "listening");
  let requests = 0;
  socket.on("message", (request, from) => {
    requests++;
    socket.send(reportOf(request), from.port, from.address);
  });
  const device = parseSnmpEndpoint(`udp:127.0.0.1:${socket.address().port}`);
  assert.ok(device);
  const auth = { protocol: "SHA-256", password: "correct horse" } as const;
  const credential = { version: 3, user: { name: "poller", auth } } as const;
  const manager = new Manager({ device, credential, timeoutMs: 10_000 });
  t.after(() => manager.close());
  for (let n = 1; n <= 2; n++) {
    assert.equal(outcome(await manager.get(["1.3.6.1.2.1.1.3.0"])), "time_window");
    assert.equal(requests, 3 * n);
  }
});

test("a device that says tooBig to everything is given up for this time", async (t) => {
  const { fake, manager } = await asked(t);
  fake.most = 0;
  assert.equal(outcome(await manager.get(["1.3.6.1.2.1.1.3.0"])), "too_big");
});

test("100,000 mutated answers end nothing, and another device is read all the while", {
  timeout: 280_000,
}, async (t) => {
  const { fake, manager } = await asked(t);
  const good = await asked(t, 10_000); // however busy this processor is with the other one
  good.fake.add(1, "eth0");
  for (let n = 1; n <= 3; n++) {
    fake.add(n, `eth${n}`);
    fake.more.set(`1.0.8802.1.1.2.1.4.1.1.5.0.${n}.1`, { syntax: "OctetString", value: "a chassis" });
  }
  const now = () => hrtime(BigInt(Date.now()) * 1_000_000n);
  const device = new Device({ name: "bad", manager, now, wants: () => true, roundMs: 1_000 });
  const other = new Device({ name: "good", manager: good.manager, now, wants: () => true, roundMs: 1_000 });
  const random = generator(20_261_128);
  let sent = 0;
  fake.misbehave = (_request, proper, send) => {
    for (let n = 0; n < 50; n++, sent++) send(mutate(proper, random));
    return proper;
  };
  const before = process.memoryUsage().heapUsed;
  while (sent < 100_000) {
    await device.poll();
    await device.askNeighbours(1_000);
    const { failure } = await other.poll();
    assert.equal(failure, undefined);
  }
  assert.ok(process.memoryUsage().heapUsed - before < 100_000_000, "its memory is bounded");
});

/** Each answer of the device comes so much later. */
function delay(fake: FakeDevice, milliseconds: number): void {
  fake.misbehave = (_request, proper, send) => {
    setTimeout(() => send(proper), milliseconds);
    return undefined;
  };
}

test("a device that is slow to be walked is given up when its look-up has taken too long, not column by column", async (t) => {
  const { fake, device } = await polled(t, { discoversLags: true, lookUpMs: 150 });
  fake.add(1, "eth0");
  delay(fake, 100);
  const { failure } = await device.poll();
  assert.equal(failure?.outcome, "timeout");
  assert.ok(fake.requests.length < 6, `${fake.requests.length} requests`);
});

test("a look-up that takes longer than a round does not cost the poll", async (t) => {
  const { fake, device } = await polled(t, { discoversLags: true, roundMs: 2_000 });
  fake.add(1, "eth0");
  // Walks are slow, and what is asked of a link is answered at once: a busy machine has the whole round for that.
  fake.misbehave = ({ pdu }, proper, send) => {
    setTimeout(() => send(proper), pdu.type === TAG.getRequest ? 0 : 250);
    return undefined;
  };
  const { failure, events } = await device.poll();
  assert.equal(failure, undefined);
  assert.ok(events.some(({ kind }) => kind === "link"));
});
