import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AgentCounter } from "#src/exposition/snmp/mibs/agent-counters.js";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { ERROR } from "#src/exposition/snmp/protocol/pdu.js";
import { DEFAULT_LIMITS, type SnmpEngine } from "#src/snmp/snmp-engine.js";
import { numberOf, type Reply, readReply, request } from "../exposition/snmp/manager.ts";
import { prefixes } from "../support/net-address.ts";
import { SILENT } from "../support/silent-log.ts";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";
import { anEngine } from "./an-snmp-engine.ts";
import { generator, mutate } from "./mutation.ts";

const SYS_NAME = "1.3.6.1.2.1.1.5.0";

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

function reply(engine: SnmpEngine, datagram: Uint8Array, from = "127.0.0.1"): Reply | undefined {
  const octets = engine.receive(datagram, from);
  return octets && readReply(octets);
}

/** Fails unless exactly these statistics moved, by one. */
function counts(engine: SnmpEngine, act: () => void, ...names: AgentCounter[]): void {
  const before = { ...engine.counters };
  act();
  const moved = Object.entries(engine.counters).filter(([name, value]) => value !== before[name as AgentCounter]);
  assert.deepEqual(moved.map(([name]) => name).toSorted(), names.toSorted());
}

/** A PDU as raw octets inside a message of version 2c of the community public. */
function message(pdu: string, version = "01"): Buffer {
  const body = hex(`0201${version} 04067075626c6963 ${pdu}`);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

describe("datagrams that have killed agents", () => {
  const answered = (name: string, datagram: Uint8Array, check: (reply: Reply) => void) =>
    void test(`${name}: answered`, () => {
      const got = reply(anEngine(), datagram);
      assert.ok(got);
      check(got);
    });
  const dropped = (name: string, datagram: Uint8Array, statistic: AgentCounter) =>
    void test(`${name}: dropped and counted as ${statistic}`, () => {
      const engine = anEngine();
      counts(engine, () => assert.equal(reply(engine, datagram), undefined), "snmpInPkts", statistic);
    });

  answered(
    "GETNEXT behind a sub-identifier of 2^32 - 1",
    request({ type: TAG.getNextRequest, names: ["1.3.6.1.2.1.1.4294967295"] }),
    ({ varbinds }) => assert.equal(varbinds[0]?.name, "1.3.6.1.2.1.2.1.0"),
  );
  answered("GET of a sub-identifier of 2^31", request({ names: ["1.3.6.1.2.1.2.2.1.2.2147483648"] }), ({ varbinds }) =>
    assert.equal(varbinds[0]?.tag, TAG.noSuchInstance),
  );
  answered("GETNEXT behind 2.100.3", request({ type: TAG.getNextRequest, names: ["2.100.3"] }), ({ varbinds }) => {
    assert.equal(varbinds[0]?.name, "2.100.3");
    assert.equal(varbinds[0]?.tag, TAG.endOfMibView);
  });
  answered(
    "GETBULK with -1 non-repeaters",
    request({ type: TAG.getBulkRequest, first: -1, second: 4, names: ["1.3"] }),
    ({ status, varbinds }) => assert.deepEqual([status, varbinds.length], [ERROR.noError, 4]),
  );
  answered(
    "GETBULK with 2^31 - 1 repetitions of fifty names",
    request({ type: TAG.getBulkRequest, second: 2 ** 31 - 1, names: Array.from({ length: 50 }, () => "1.3") }),
    ({ varbinds }) => assert.ok(varbinds.length >= 50),
  );
  answered("a GET of nothing", request({ names: [], requestId: 99 }), ({ status, requestId, varbinds }) =>
    assert.deepEqual([status, requestId, varbinds.length], [ERROR.noError, 99, 0]),
  );
  answered("a request-id below zero", request({ names: [SYS_NAME], requestId: -(2 ** 31) }), ({ requestId }) =>
    assert.equal(requestId, -(2 ** 31)),
  );

  dropped("a name of no octets", message("a00e 020101 020100 020100 3003 3001 06"), "snmpInASNParseErrs");
  dropped("an empty name", message("a010 020101 020100 020100 3006 3004 0600 0500"), "snmpInASNParseErrs");
  dropped("a request-id of five octets", message("a00d 02050100000000 020100 020100 3000"), "snmpInASNParseErrs");
  dropped("version 7", request({ version: 7, names: [SYS_NAME] }), "snmpInBadVersions");
  dropped("version 2 (the party-based one)", request({ version: 2, names: [SYS_NAME] }), "snmpInBadVersions");
  dropped(
    "GETBULK in version 1",
    request({ version: 0, type: TAG.getBulkRequest, second: 2, names: ["1.3"] }),
    "snmpInASNParseErrs",
  );
  dropped("a response", request({ type: TAG.response, names: [SYS_NAME] }), "snmpUnknownPDUHandlers");
  dropped("a trap", request({ type: TAG.trap, names: [SYS_NAME] }), "snmpUnknownPDUHandlers");
  dropped("a PDU that there is not", request({ type: 0xaf, names: [SYS_NAME] }), "snmpInASNParseErrs");
  dropped("an empty datagram", Buffer.alloc(0), "snmpInASNParseErrs");
  dropped("a message cut off", request({ names: [SYS_NAME] }).subarray(0, -1), "snmpInASNParseErrs");
  dropped("an indefinite length", hex("3080 020101 0000"), "snmpInASNParseErrs");
  dropped("a wrong community", request({ community: "private", names: [SYS_NAME] }), "snmpInBadCommunityNames");
  dropped("an empty community", request({ community: "", names: [SYS_NAME] }), "snmpInBadCommunityNames");
  dropped("a datagram too long to be a request", Buffer.alloc(DEFAULT_LIMITS.request + 1), "oversized");
});

describe("a community", () => {
  const get = request({ names: [SYS_NAME] });

  test("public is for this host only, unless configured", () => {
    for (const from of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) assert.ok(reply(anEngine(), get, from), from);
    for (const from of ["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0"]) {
      const engine = anEngine();
      counts(
        engine,
        () => assert.equal(reply(engine, get, from), undefined, from),
        "snmpInPkts",
        "snmpInBadCommunityNames",
      );
    }
  });

  test("is answered for its own networks", () => {
    const communities = [
      { name: "public", sources: prefixes("192.0.2.0/24", "2001:db8::/32") },
      { name: "other", sources: prefixes("198.51.100.1") },
    ];
    const from = (address: string, community: string) =>
      reply(anEngine({ communities }), request({ community, names: [SYS_NAME] }), address) !== undefined;
    assert.deepEqual(
      [
        from("192.0.2.200", "public"),
        from("::ffff:192.0.2.200", "public"),
        from("2001:db8:1::1", "public"),
        from("198.51.100.1", "other"),
        from("198.51.100.2", "other"),
        from("192.0.2.200", "other"),
        from("127.0.0.1", "public"),
      ],
      [true, true, true, true, false, false, false],
    );
  });

  test("that is wrong is told to whoever sends authenticationFailure", () => {
    const seen: string[] = [];
    const engine = anEngine({ onAuthenticationFailure: (address) => seen.push(address) });
    engine.receive(request({ community: "guess" }), "192.0.2.9");
    engine.receive(get, "127.0.0.1");
    assert.deepEqual(seen, ["192.0.2.9"]);
  });
});

test("a source that asks too often is not answered, and counted", () => {
  const engine = anEngine({
    communities: [{ name: "public", sources: prefixes("0.0.0.0/0") }],
    rate: { perSecond: 0, burst: 2 },
  });
  const get = request({ names: [SYS_NAME] });
  const answers = Array.from({ length: 5 }, () => engine.receive(get, "192.0.2.1") !== undefined);
  assert.deepEqual(answers, [true, true, false, false, false]);
  assert.equal(engine.counters.rateLimited, 3n);
  assert.ok(engine.receive(get, "127.0.0.1"));
});

test("the agent's own counters can be read from it", () => {
  const engine = anEngine();
  engine.receive(request({ version: 9 }), "127.0.0.1");
  const got = reply(engine, request({ names: ["1.3.6.1.2.1.11.1.0", "1.3.6.1.2.1.11.3.0"] }));
  assert.deepEqual(got?.varbinds.map(numberOf), [2n, 1n]);
});

test("octets behind a message mean nothing, whatever they are and however many", () => {
  const get = request({ names: [SYS_NAME] });
  for (const behind of ["00", "00".repeat(20), "ff".repeat(3), Buffer.from(get).toString("hex")]) {
    assert.ok(reply(anEngine(), Buffer.concat([get, hex(behind)])), behind);
  }
});

test("a request may be as large as a datagram", () => {
  const names = Array.from({ length: 2000 }, () => SYS_NAME);
  const large = request({ names });
  assert.ok(large.length > 16_384);
  assert.equal(reply(anEngine(), large)?.varbinds.length, 2000);
});

test("a snapshot that cannot be had is a failure of ours, said and counted, and the agent lives", () => {
  const said: string[] = [];
  let works = false;
  const snapshots = {
    ...snapshotsOf(EXAMPLE),
    within: () => {
      if (!works) throw new Error("no source");
      return EXAMPLE;
    },
  };
  const engine = anEngine({ snapshots, log: { ...SILENT, error: (text) => said.push(text) } });
  assert.equal(engine.receive(request({ names: [SYS_NAME] }), "127.0.0.1"), undefined);
  assert.deepEqual([said.length, engine.counters.failures], [1, 1n]);
  works = true;
  assert.ok(engine.receive(request({ names: [SYS_NAME] }), "127.0.0.1"));
});

describe("mutated datagrams", () => {
  const rounds = Number(process.env["SNMP_FUZZ_ROUNDS"] ?? 6000);
  const seed = Number(process.env["SNMP_FUZZ_SEED"] ?? 20_261);
  const originals = [
    request({ names: [SYS_NAME, "1.3.6.1.2.1.31.1.1.1.6.2"] }),
    request({ version: 0, type: TAG.getNextRequest, names: ["1.3.6.1.2.1.2.2"] }),
    request({ type: TAG.getBulkRequest, first: 1, second: 20, names: ["1.3", "1.3.6.1.2.1.31", "1.3.6.1.2.1.11"] }),
    request({ type: TAG.setRequest, names: [SYS_NAME] }),
  ];

  test(`${rounds} of them (seed ${seed}) are answered or dropped, and every one is accounted for`, () => {
    const random = generator(seed);
    const errors: unknown[] = [];
    const log = { ...SILENT, error: (_: string, fields?: object) => errors.push(fields) };
    const engine = anEngine({ log });
    let replies = 0n;
    for (let i = 0; i < rounds; i++) {
      const octets = engine.receive(mutate(originals[i % originals.length] ?? Buffer.alloc(0), random), "127.0.0.1");
      if (octets === undefined) continue;
      replies++;
      readReply(octets);
    }
    const { counters } = engine;
    assert.deepEqual(errors, []);
    assert.equal(counters.snmpInPkts, BigInt(rounds));
    assert.equal(counters.responses, replies);
    const drops =
      counters.snmpInASNParseErrs +
      counters.snmpInBadVersions +
      counters.snmpInBadCommunityNames +
      counters.snmpUnknownPDUHandlers +
      counters.snmpSilentDrops +
      counters.snmpInvalidMsgs +
      counters.snmpUnknownSecurityModels +
      counters.usmStatsUnknownEngineIDs +
      counters.usmStatsUnknownUserNames +
      counters.oversized;
    assert.equal(counters.snmpInPkts, replies + drops);
    assert.ok(replies > 0n && drops > 0n);
    assert.ok(engine.receive(request({ names: [SYS_NAME] }), "127.0.0.1"), "it still answers");
  });
});
