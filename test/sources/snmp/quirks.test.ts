/** What devices do that no standard foresees, as public reports tell of it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import type { SourceEvent } from "#src/sources/source.js";
import { encode, type FakeDevice } from "../../support/fake-device.ts";
import { IN_BYTES, polled, rowsOf, told } from "./polled-device.ts";

const limits = (events: readonly SourceEvent[]) =>
  events.flatMap((event) => (event.kind === "limit" ? [event.cause] : []));
const bytes = (events: readonly SourceEvent[]) =>
  rowsOf(events).map(({ ifindex, counters }) => [ifindex, counters[IN_BYTES]]);

describe("links of one name", () => {
  test("are told apart by their ifDescr, or by their ifIndex where that is shared too, and each is read", async (t) => {
    const { fake, poll } = await polled(t);
    for (const ifindex of [1, 2, 3, 4]) fake.add(ifindex, ifindex === 4 ? "eth1" : "eth0").inOctets = BigInt(ifindex);
    const [first, second, third] = [1, 2, 3].map((ifindex) => fake.interfaces.get(ifindex));
    assert.ok(first && second && third);
    first.descr = "Unit 1 port 1";
    const events = await poll();
    assert.deepEqual(told(events), ["1 Unit 1 port 1", "2 eth0#2", "3 eth0#3", "4 eth1"]);
    assert.deepEqual(limits(events), [
      "sw1: several links are called eth0: one is Unit 1 port 1",
      "sw1: several links are called eth0: one is eth0#2",
      "sw1: several links are called eth0: one is eth0#3",
    ]);
    const names = events.flatMap((event) => (event.kind === "link" ? [event.link.altNames] : []));
    assert.deepEqual(names[1], ["eth0", "port eth0"], "a rule that names eth0 means them all");
    const later = await poll();
    assert.deepEqual(bytes(later), [
      [1, 1n],
      [2, 2n],
      [3, 3n],
      [4, 4n],
    ]);
    assert.deepEqual([told(later), limits(later)], [[], []]);
  });

  test("of which one is known by the former name of another: an agent goes on saying it after the other was renamed", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth49").descr = "eth50";
    fake.add(2, "eth49").descr = "eth49";
    const events = await poll();
    assert.deepEqual(told(events), ["1 eth50", "2 eth49"]);
    const names = events.flatMap((event) => (event.kind === "link" ? [event.link.altNames] : []));
    assert.deepEqual(names, [[], []], "a rule that names eth49 means the one that is called so");
  });

  test("of which one is the row of a deleted link, which is down: the name is that of the link that is not", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth49").inOctets = 5n;
    await poll();
    const [first] = fake.interfaces.values();
    assert.ok(first);
    first.adminStatus = 2;
    fake.add(2, "eth49").inOctets = 7n;
    fake.tableChanged++;
    const both = await poll();
    assert.deepEqual(told(both), ["-eth49", "1 eth49#1", "2 eth49"]);
    const names = both.flatMap((event) => (event.kind === "link" ? [event.link.altNames] : []));
    assert.deepEqual(names, [["port eth49"], ["port eth49"]], "a rule that names eth49 means the one that is up");
    first.adminStatus = 1;
    assert.deepEqual(told(await poll()), ["1 eth49#1", "2 eth49#2"], "found without a word of the device");
  });

  test("are renamed when one of them goes or comes, and keep what they have counted", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0").inOctets = 5n;
    await poll();
    fake.add(2, "eth0").descr = "port eth0";
    fake.tableChanged++;
    const both = await poll();
    assert.deepEqual(told(both), ["1 eth0#1", "2 eth0#2"]);
    assert.deepEqual(bytes(both), [[1, 5n]]);
    fake.interfaces.delete(2);
    fake.tableChanged++;
    const one = await poll();
    assert.deepEqual(told(one), ["-eth0#2", "1 eth0"]);
    assert.deepEqual(bytes(one), [[1, 5n]]);
  });
});

test("a walk that ends too early takes no link away that still answers", async (t) => {
  const { fake, poll } = await polled(t);
  for (const ifindex of [1, 2, 3]) fake.add(ifindex, `eth${ifindex}`);
  await poll();
  fake.twist = ({ pdu }, reply) => {
    if (pdu.type === TAG.getRequest) return reply;
    const end = reply.varbinds.findIndex(([oid]) => oid.endsWith(".2"));
    return end < 0 ? reply : { ...reply, varbinds: reply.varbinds.slice(0, end).concat([LAST]) };
  };
  fake.interfaces.delete(3);
  fake.tableChanged++;
  const events = await poll();
  assert.deepEqual(told(events), ["-eth3"], "and the one that is gone is gone");
  assert.deepEqual(bytes(events), [
    [1, 0n],
    [2, 0n],
  ]);
});

/** The device has no value in these columns any more. */
function without(fake: FakeDevice, column: RegExp): void {
  fake.twist = (_request, reply) => ({
    ...reply,
    varbinds: reply.varbinds.map(([oid, value]) => [oid, column.test(oid) ? NO_SUCH_INSTANCE : value]),
  });
}
const NO_SUCH_INSTANCE = { tag: TAG.noSuchInstance, octets: new Uint8Array() };
/** ifHCInOctets to ifHCOutBroadcastPkts. */
const WIDE = /^1\.3\.6\.1\.2\.1\.31\.1\.1\.1\.([6-9]|1[0-3])\.\d+$/;

test("a link whose ifName is empty goes by its ifDescr, and is read", async (t) => {
  const { fake, poll } = await polled(t);
  Object.assign(fake.add(1, ""), { descr: "eth0", inOctets: 5n });
  assert.deepEqual(told(await poll()), ["1 eth0"]);
  assert.deepEqual(bytes(await poll()), [[1, 5n]]);
});

test("a link of a device that has ifXTable no more is read by what there is", async (t) => {
  const { fake, poll } = await polled(t);
  Object.assign(fake.add(1, "eth0"), { descr: "eth0", inOctets: 5n });
  await poll();
  fake.hasIfXTable = false;
  await poll(); // finds that the name is not where it was
  assert.deepEqual(told(await poll()), ["-eth0", "1 eth0"], "counters of 32 bits do not go on from those of 64");
  assert.deepEqual(bytes(await poll()), [[1, 5n]]);
});

test("a device that has other counters after it was started anew is read by these", async (t) => {
  const { fake, poll } = await polled(t);
  fake.add(1, "eth0").inOctets = 5n;
  await poll();
  without(fake, WIDE);
  fake.startedMs = Date.now() - 50_000;
  assert.deepEqual(told(await poll()), ["-eth0", "1 eth0"]);
  assert.deepEqual(bytes(await poll()), [[1, 5n]]);
});

test("a link that had no counters while it was down is read when it is up", async (t) => {
  const { fake, poll } = await polled(t);
  const link = Object.assign(fake.add(1, "eth0"), { operStatus: 6, inOctets: 5n });
  without(fake, WIDE);
  await poll();
  fake.twist = undefined;
  link.operStatus = 1;
  await poll();
  assert.deepEqual(told(await poll()), ["-eth0", "1 eth0"]);
  const [row] = rowsOf(await poll());
  assert.equal(row?.counters[IN_BYTES], 5n);
});

test("a switch that numbers ifXTable otherwise than ifTable has each link once", async (t) => {
  const { fake, poll } = await polled(t);
  for (const ifindex of [1, 2, 1_000_001, 1_000_002]) {
    const name = `eth${ifindex % 1_000_000}`;
    Object.assign(fake.add(ifindex, name), { descr: name, inOctets: 5n });
  }
  without(fake, /^1\.3\.6\.1\.2\.1\.(31\.1\.1\.1\.\d+\.\d|2\.2\.1\.\d+\.100000\d)$/);
  const events = await poll();
  assert.deepEqual([told(events), limits(events)], [["1 eth1", "2 eth2"], []]);
  assert.deepEqual(bytes(await poll()), [
    [1, 5n],
    [2, 5n],
  ]);
});

/** What the device tells in ifHCInOctets and ifHCOutOctets. */
function inWideOctets(fake: FakeDevice, value: bigint): void {
  fake.twist = (_request, reply) => ({
    ...reply,
    varbinds: reply.varbinds.map(([oid, told]) => [
      oid,
      /^1\.3\.6\.1\.2\.1\.31\.1\.1\.1\.(6|10)\.\d+$/.test(oid) ? { syntax: "Counter64", value } : told,
    ]),
  });
}

test("counters of 64 bits that stay 0 while those of 32 bits count are not read", async (t) => {
  const { fake, poll } = await polled(t);
  const link = Object.assign(fake.add(1, "eth0"), { inOctets: 5n });
  inWideOctets(fake, 0n);
  assert.deepEqual(told(await poll()), ["1 eth0"]);
  link.inOctets += 7n;
  assert.deepEqual(bytes(await poll()), [[1, 12n]]);
});

test("counters of 64 bits that an agent told as 0 when it was just started are read once it has had time to look", async (t) => {
  const { fake, poll } = await polled(t);
  const link = Object.assign(fake.add(1, "eth0"), { inOctets: (1n << 40n) + 5n });
  fake.startedMs = Date.now();
  inWideOctets(fake, 0n);
  assert.deepEqual(told(await poll()), ["1 eth0"]);
  fake.startedMs -= 25_000;
  fake.twist = undefined;
  await poll();
  assert.deepEqual(told(await poll()), ["-eth0", "1 eth0"]);
  link.inOctets += 7n;
  assert.deepEqual(bytes(await poll()), [[1, (1n << 40n) + 12n]]);
});

test("counters of 64 bits that come to stand still while those of 32 bits count give way to these", async (t) => {
  const { fake, poll } = await polled(t);
  const [link, idle] = [fake.add(1, "eth0"), fake.add(2, "eth1")];
  Object.assign(link, { inOctets: 1n << 40n });
  inWideOctets(fake, 1n << 40n);
  assert.deepEqual(told(await poll()), ["1 eth0", "2 eth1"]);
  const news: string[] = [];
  for (let polls = 0; news.length === 0; polls++) {
    assert.ok(polls < 60, "nobody looks again");
    link.inOctets += 7n;
    news.push(...told(await poll()));
  }
  assert.deepEqual(news, ["-eth0", "1 eth0"], "the other is idle in both widths");
  link.inOctets += 7n;
  const carried = new Map(rowsOf(await poll()).map(({ ifindex, counters }) => [ifindex, counters[IN_BYTES]]));
  assert.equal(carried.get(1), BigInt.asUintN(32, link.inOctets));
  assert.equal(carried.get(2), 1n << 40n);
  assert.equal(idle.inOctets, 0n);
});

test("links of one name whose ifDescr is empty are told apart, and none is left out", async (t) => {
  const { fake, poll } = await polled(t);
  Object.assign(fake.add(1, "eth0"), { descr: "eth0", inOctets: 5n });
  Object.assign(fake.add(2, "eth0"), { descr: "", inOctets: 7n });
  assert.deepEqual(told(await poll()), ["1 eth0#1", "2 eth0#2"]);
  assert.deepEqual(bytes(await poll()), [
    [1, 5n],
    [2, 7n],
  ]);
});

test("what is lost on the way is asked for again, of a device that answers otherwise", async (t) => {
  const { fake, device, poll } = await polled(t, { timeoutMs: 100 });
  for (let ifindex = 1; ifindex <= 9; ifindex++) fake.add(ifindex, `eth${ifindex}`);
  await poll();
  let datagrams = 0;
  // Each request is sent twice: both are lost, and one of those that follow.
  fake.misbehave = (_request, proper) => (++datagrams % 4 === 0 ? proper : undefined);
  assert.equal(bytes(await poll()).length, 9);
  fake.misbehave = () => undefined;
  assert.equal((await device.poll()).failure?.outcome, "timeout");
  fake.requests.length = 0;
  assert.equal((await device.poll()).failure?.outcome, "timeout");
  assert.equal(fake.requests.length, 2, "one that has fallen silent is not waited for longer");
});

test("an LLDP-MIB that takes too long is told of by the time that it had in all, once", async (t) => {
  const { fake, device, poll } = await polled(t);
  fake.add(1, "eth0");
  await poll();
  const told = [];
  for (let n = 0; n < 3; n++) told.push(...limits(await device.askNeighbours(0)));
  assert.deepEqual(told, ["sw1: nobody is known by LLDP: its tables were not read in 0 s"]);
});

const LAST = ["1.3.6.1.2.1.99.1.0", { tag: TAG.endOfMibView, octets: new Uint8Array() }] as const;

test("an agent whose answer gets lost where it is long is asked for fewer rows, though it answers for other columns", async (t) => {
  const { fake, device, poll } = await polled(t, { timeoutMs: 100 });
  for (let ifindex = 1; ifindex <= 20; ifindex++) fake.add(ifindex, `eth${ifindex}`).descr = "a port ".repeat(20);
  fake.misbehave = ({ pdu }, proper) => (pdu.type === TAG.getBulkRequest && proper.length > 1_472 ? undefined : proper);
  let polls = 0;
  while ((await device.poll()).failure) assert.ok(++polls < 8, "it is never read");
  assert.equal(bytes(await poll()).length, 20);
});

describe("an agent that cannot bear GETBULK", () => {
  const answers = {
    "and says nothing": () => undefined,
    "and says tooBig": (requestId: number) => encode(1, "public", requestId, 1, []),
    "and answers with no row": (requestId: number) => encode(1, "public", requestId, 0, []),
    "and says genErr": (requestId: number) => encode(1, "public", requestId, 5, []),
  };
  for (const [what, answer] of Object.entries(answers)) {
    test(`${what} is walked one by one`, async (t) => {
      const { fake, device, poll } = await polled(t, { timeoutMs: 100 });
      for (const ifindex of [1, 2]) fake.add(ifindex, `eth${ifindex}`);
      fake.misbehave = ({ pdu }, proper) => (pdu.type === TAG.getBulkRequest ? answer(pdu.requestId) : proper);
      let polls = 0;
      while ((await device.poll()).failure) assert.ok(++polls < 8, "it is never read");
      fake.requests.length = 0;
      fake.tableChanged++;
      assert.deepEqual(bytes(await poll()).length, 2);
      assert.ok(
        fake.requests.every(({ pdu }) => pdu.type !== TAG.getBulkRequest),
        "it is not asked so again",
      );
    });
  }
});
