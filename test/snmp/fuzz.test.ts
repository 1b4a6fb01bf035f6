/** Datagrams that began as requests of version 3, and were changed before or after they were sealed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { facts } from "../exposition/snmp/facts.ts";
import { request } from "../exposition/snmp/manager.ts";
import { SILENT } from "../support/silent-log.ts";
import { anEngine } from "./an-snmp-engine.ts";
import { generator, mutate } from "./mutation.ts";
import { PLAIN, sealed, USER } from "./v3-manager.ts";

const rounds = Number(process.env["SNMP_FUZZ_ROUNDS"] ?? 3000);
const seed = Number(process.env["SNMP_FUZZ_SEED"] ?? 20_262);

test(`${rounds} mutated messages of version 3 (seed ${seed}) do no harm`, () => {
  const random = generator(seed);
  const errors: unknown[] = [];
  const log = { ...SILENT, error: (_: string, fields?: object) => errors.push(fields) };
  const engine = anEngine({ users: [USER, PLAIN], facts: facts(), log });
  const originals = [
    sealed({}),
    sealed({ user: PLAIN, type: TAG.getBulkRequest, names: ["1.3"], second: 10 }),
    sealed({ engineId: new Uint8Array(0), name: "", flags: 4 }),
  ];
  for (let i = 0; i < rounds; i++) {
    // Half of them are proven, and what is wrong lies in the PDU.
    const datagram =
      i % 2 === 0
        ? mutate(originals[i % originals.length] ?? new Uint8Array(0), random)
        : sealed({ user: PLAIN, spoilPdu: (pdu) => mutate(pdu, random) });
    const reply = engine.receive(datagram, "127.0.0.1");
    if (reply) new BerReader(reply).enter(TAG.sequence);
  }
  assert.deepEqual(errors, []);
  assert.equal(engine.counters.snmpInPkts, BigInt(rounds));
  assert.ok(engine.counters.snmpInASNParseErrs > BigInt(rounds) / 10n);
  assert.ok(engine.counters.usmStatsWrongDigests > 0n);
  assert.ok(engine.receive(sealed({}), "127.0.0.1"), "it still answers");
  assert.ok(engine.receive(request({ names: ["1.3.6.1.2.1.1.5.0"] }), "127.0.0.1"));
});
