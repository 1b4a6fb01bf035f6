/** A device as it is polled: what of its links is told, and which readings go on from the last ones. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NO_SUCH_INSTANCE } from "../../support/fake-device.ts";
import { IN_BYTES, IN_PACKETS, polled, rowsOf, told } from "./polled-device.ts";

describe("links of a device", () => {
  test("are told when first seen, with their counters, and read from then on", async (t) => {
    const { fake, poll } = await polled(t);
    const eth0 = fake.add(7, "eth0");
    fake.add(8, "mgmt");
    eth0.inOctets = 1n << 40n;
    const [first] = await poll();
    assert.equal(first?.kind, "link");
    assert.equal(first.counters?.[IN_BYTES], 1n << 40n);
    assert.deepEqual(
      [first.link.ifindex, first.link.name, first.link.altNames, first.link.running, first.link.speedBitsPerSecond],
      [7, "eth0", ["port eth0"], true, 10_000_000_000],
    );
    eth0.inOctets += 5n;
    eth0.inPackets += 2n;
    const events = await poll();
    assert.deepEqual(told(events), []);
    assert.deepEqual(
      rowsOf(events).map(({ ifindex, counters, anew }) => [ifindex, counters[IN_BYTES], counters[IN_PACKETS], anew]),
      [[7, (1n << 40n) + 5n, 2n, undefined]],
    );
  });

  test("are read by exact instances, several to a request, and never walked again while nothing changes", async (t) => {
    const { fake, poll } = await polled(t);
    for (let n = 1; n <= 9; n++) fake.add(n, `eth${n}`);
    await poll();
    fake.requests.length = 0;
    assert.equal(rowsOf(await poll()).length, 9);
    assert.deepEqual(
      fake.requests.map(({ pdu }) => pdu.type),
      [0xa0, 0xa0, 0xa0],
    );
  });

  test("that change places are found again by name, and no counter of one is taken for the other's", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0").inOctets = 1_000n;
    fake.add(2, "eth1").inOctets = 5n;
    await poll();
    const [first, second] = [fake.interfaces.get(1), fake.interfaces.get(2)];
    assert.ok(first && second);
    [first.name, second.name] = [second.name, first.name];
    const events = await poll();
    assert.deepEqual(told(events), ["-eth0", "-eth1", "1 eth1", "2 eth0"]);
    assert.deepEqual(rowsOf(events), []);
  });

  test("that get another name and keep their place are the same links", async (t) => {
    const { fake, poll } = await polled(t);
    const one = fake.add(1, "eth0");
    await poll();
    one.name = "eth9";
    one.inOctets = 3n;
    const events = await poll();
    assert.deepEqual(told(events), ["1 eth9"]);
    assert.deepEqual(
      rowsOf(events).map(({ counters }) => counters[IN_BYTES]),
      [3n],
    );
  });

  test("that are taken out are gone, and come back under another ifIndex", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0");
    await poll();
    fake.interfaces.delete(1);
    assert.deepEqual(told(await poll()), ["-eth0"]);
    fake.add(5, "eth0");
    fake.tableChanged++;
    assert.deepEqual(told(await poll()), ["5 eth0"]);
  });

  test("are told again when their state changes", async (t) => {
    const { fake, poll } = await polled(t);
    const one = fake.add(1, "eth0");
    await poll();
    one.operStatus = 7;
    const [changed] = await poll();
    assert.equal(changed?.kind === "link" && changed.link.running, false);
    assert.equal(changed?.kind === "link" && changed.link.operState, "lowerLayerDown");
  });
});

describe("counters of a device", () => {
  test("begin anew where the device says that they are discontinuous", async (t) => {
    const { fake, poll } = await polled(t);
    const one = fake.add(1, "eth0");
    await poll();
    one.discontinuity = fake.sysUpTime;
    one.inOctets = 1n;
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      ["discontinuity"],
    );
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      [undefined],
    );
  });

  test("begin anew when the device was started anew, also when they are larger by then", async (t) => {
    const { fake, poll } = await polled(t);
    const one = fake.add(1, "eth0");
    await poll();
    fake.startedMs = Date.now() - 50_000;
    one.inOctets = 1_000_000n;
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      ["reboot"],
    );
  });

  test("go on when only the agent was started anew, as the device's own uptime says", async (t) => {
    const { fake, poll } = await polled(t);
    const uptime = () => ({ syntax: "TimeTicks", value: Math.floor(Date.now() / 10) % 4_294_967_296 }) as const;
    fake.add(1, "eth0");
    fake.more.set("1.3.6.1.2.1.25.1.1.0", uptime());
    await poll();
    fake.startedMs = Date.now() - 50_000;
    fake.more.set("1.3.6.1.2.1.25.1.1.0", uptime());
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      [undefined],
    );
  });

  test("of an agent that was just started are not taken, because it may tell too little at first", async (t) => {
    const { fake, device, poll } = await polled(t);
    const one = fake.add(1, "eth0");
    const rows = async () => rowsOf(await poll()).map(({ counters, anew }) => [counters[IN_PACKETS], anew]);
    fake.startedMs = Date.now();
    assert.deepEqual(told(await poll()), ["1 eth0"], "its state is told all the same");
    assert.deepEqual(await rows(), []);
    assert.equal(device.run, undefined, "nothing that a later run of the program could go on from");
    fake.startedMs -= 25_000;
    one.inPackets = 1_000n;
    assert.deepEqual(await rows(), [[1_000n, "incomplete"]], "the past of the link, which it had not told at first");
    one.inPackets = 1_002n;
    assert.deepEqual(await rows(), [[1_002n, undefined]]);
  });

  test("of an agent that was started anew are taken when they are complete, and go on if the device has", async (t) => {
    for (const hasHostUptime of [true, false]) {
      const { fake, device, poll } = await polled(t);
      const one = fake.add(1, "eth0");
      const host = "1.3.6.1.2.1.25.1.1.0";
      const restart = (ago: number) => {
        fake.startedMs = Date.now() - ago;
        const value = Math.floor(Date.now() / 10) % 4_294_967_296;
        if (hasHostUptime) fake.more.set(host, { syntax: "TimeTicks", value });
      };
      const rows = async () => rowsOf(await poll()).map(({ counters, anew }) => [counters[IN_PACKETS], anew]);
      restart(100_000);
      one.inPackets = 500n;
      await poll();
      const { run } = device;
      restart(0);
      one.inPackets = 0n;
      assert.deepEqual(await rows(), []);
      assert.deepEqual(device.run, run, "a later run of the program is to notice that it was started anew");
      restart(25_000);
      one.inPackets = 510n;
      assert.deepEqual(await rows(), [[510n, hasHostUptime ? undefined : "reboot"]]);
      assert.notDeepEqual(device.run, run);
    }
  });

  test("that begin anew do so for a later run of the program too, when the poll that found it was not answered to its end", async (t) => {
    const { fake, device, poll } = await polled(t);
    for (let n = 1; n <= 9; n++) fake.add(n, `eth${n}`);
    await poll();
    const { run } = device;
    const [first] = fake.interfaces.values();
    assert.ok(first);
    first.discontinuity = fake.sysUpTime;
    fake.misbehave = ({ names }, proper) => (names.some((name) => name.endsWith(".9")) ? undefined : proper);
    assert.ok((await device.poll()).failure);
    assert.deepEqual(device.run, run);
    fake.misbehave = undefined;
    await poll();
    assert.notDeepEqual(device.run, run);
  });

  test("go on when sysUpTime has passed its top", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0");
    fake.startedMs = Date.now() - 42_949_671_460; // 1.5 s below the top
    await poll();
    fake.startedMs -= 1_600; // a device's clock is not ours
    assert.ok(fake.sysUpTime < 1_000);
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      [undefined],
    );
  });

  test("of a link without ifXTable, or of version 1, are those of 32 bits", async (t) => {
    for (const version of [1, 2] as const) {
      const { fake, poll } = await polled(t, { version, wants: () => true });
      fake.hasIfXTable = false;
      const one = fake.add(1, "ignored");
      one.inOctets = (1n << 32n) + 3n;
      const [first] = await poll();
      assert.equal(first?.kind === "link" && first.link.name, "port ignored", `version ${version}`);
      assert.equal(first?.kind === "link" && first.counters?.[IN_BYTES], 3n);
      assert.equal(first?.kind === "link" && first.bits?.[IN_BYTES], 32);
    }
  });

  test("of the wrong type or length are not taken, and those of other links are", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0");
    fake.add(2, "eth1");
    await poll();
    const inOctets = "1.3.6.1.2.1.31.1.1.1.6.1";
    for (const [tag, length] of [
      [0x46, 9],
      [0x46, 40],
      [0x46, 0],
      [0x04, 8],
      [0x41, 4],
    ] as const) {
      fake.twist = (_request, reply) => ({
        ...reply,
        varbinds: reply.varbinds.map(([oid, value]) => [
          oid,
          oid === inOctets ? { tag, octets: new Uint8Array(length).fill(0x7f) } : value,
        ]),
      });
      assert.deepEqual(
        rowsOf(await poll()).map(({ ifindex }) => ifindex),
        [2],
        `tag ${tag}, ${length} octets`,
      );
    }
    fake.twist = undefined;
    assert.equal(rowsOf(await poll()).length, 2);
  });
});

describe("a device that", () => {
  test("says tooBig is asked for less at a time", async (t) => {
    const { fake, poll } = await polled(t);
    fake.most = 10;
    for (let n = 1; n <= 3; n++) fake.add(n, `eth${n}`).inOctets = BigInt(n);
    const first = await poll();
    assert.deepEqual(told(first), ["1 eth1", "2 eth2", "3 eth3"]);
    assert.deepEqual(
      rowsOf(await poll()).map(({ counters }) => counters[IN_BYTES]),
      [1n, 2n, 3n],
    );
    fake.requests.length = 0;
    await poll();
    assert.ok(
      fake.requests.every(({ names }) => names.length <= 10),
      "it is not asked for more again",
    );
  });

  test("does not answer has told nothing, and its links are told again when it does", async (t) => {
    const { fake, device } = await polled(t);
    fake.add(1, "eth0");
    await device.poll();
    fake.misbehave = () => undefined;
    const { events, failure } = await device.poll();
    assert.equal(failure?.outcome, "timeout");
    assert.deepEqual(events, []);
    fake.misbehave = undefined;
    assert.deepEqual(told((await device.poll()).events), ["1 eth0"]);
  });

  test("hides its sysUpTime is not polled, and is said why and what would help", async (t) => {
    const { fake, device } = await polled(t);
    fake.add(1, "eth0");
    const hidden = /^1\.3\.6\.1\.2\.1\.1\./;
    fake.twist = (_, { status, varbinds }) => ({
      status,
      varbinds: varbinds.map(([name, value]) => [name, hidden.test(name) ? NO_SUCH_INSTANCE : value]),
    });
    const { events, failure } = await device.poll();
    assert.match(failure?.cause ?? "", /does not tell sysUpTime \(1\.3\.6\.1\.2\.1\.1\.3\.0\).*view/);
    assert.deepEqual(told(events), []);
    fake.twist = undefined;
    assert.deepEqual(told((await device.poll()).events), ["1 eth0"]);
  });

  test("is another one at the same address begins anew", async (t) => {
    const { fake, poll } = await polled(t);
    fake.add(1, "eth0");
    await poll();
    fake.engine = Uint8Array.from([0x80, 0, 0, 9, 3, 9, 9, 9]);
    fake.tableChanged++;
    assert.deepEqual(
      rowsOf(await poll()).map(({ anew }) => anew),
      ["reboot"],
    );
  });
});
