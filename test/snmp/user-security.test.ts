import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { FLAG } from "#src/exposition/snmp/protocol/v3-message.js";
import { newEngineId } from "#src/snmp/engine-identity.js";
import type { SnmpEngine } from "#src/snmp/snmp-engine.js";
import { LocalizedUser, localizedKey } from "#src/snmp/usm.js";
import { facts } from "../exposition/snmp/facts.ts";
import { numberOf, textOf } from "../exposition/snmp/manager.ts";
import { anEngine } from "./an-snmp-engine.ts";
import { type Asked, OWN, opened, PLAIN, sealed, USER } from "./v3-manager.ts";

const engineWith = () => anEngine({ users: [USER, PLAIN], facts: facts() });

function ask(asked: Asked, engine: SnmpEngine = engineWith()) {
  const octets = engine.receive(sealed(asked), "192.0.2.1");
  return octets && opened(octets.slice(), asked.user);
}

describe("a user who proves itself", () => {
  for (const user of [USER, PLAIN]) {
    test(`is answered at its own level (${user.priv ? "authPriv" : "authNoPriv"})`, () => {
      const reply = ask({ user });
      assert.ok(reply);
      assert.equal(reply.header.id, 5);
      assert.equal(reply.header.flags, FLAG.auth | (user.priv ? FLAG.priv : 0));
      assert.deepEqual(Buffer.from(reply.security.engineId), OWN.id);
      assert.deepEqual([reply.security.boots, reply.security.time], [OWN.boots, OWN.time()]);
      assert.equal(reply.requestId, 77);
      assert.equal(reply.varbinds[0] && textOf(reply.varbinds[0]), "host");
    });
  }

  test("may be early or late by 150 seconds", () => {
    for (const time of [OWN.time() - 150, OWN.time() + 150]) assert.equal(ask({ time })?.type, TAG.response);
  });

  test("gets no more than it can take", () => {
    for (const maxSize of [484, 1000, 5000]) {
      const engine = engineWith();
      const octets = engine.receive(
        sealed({ type: TAG.getBulkRequest, second: 500, names: ["1.3"], maxSize }),
        "127.0.0.1",
      );
      assert.ok(octets && octets.length <= maxSize && octets.length > 300, String(octets?.length));
    }
  });

  test("cannot write", () => assert.equal(ask({ type: TAG.setRequest })?.status, 17));

  test("gets each salt once", () => {
    const engine = engineWith();
    const salts = Array.from({ length: 5 }, () => Buffer.from(ask({}, engine)?.security.salt ?? []).toString("hex"));
    assert.equal(new Set(salts).size, 5);
  });
});

describe("a message that proves nothing", () => {
  const report = (name: string, statistic: string, asked: Asked, object: string, flags: number = 0) =>
    void test(`${name}: Report of ${statistic}`, () => {
      const reply = ask(asked);
      assert.ok(reply);
      assert.equal(reply.type, TAG.report);
      assert.equal(reply.header.flags, flags);
      assert.deepEqual(Buffer.from(reply.security.engineId), OWN.id);
      assert.equal(Buffer.from(reply.security.user).toString(), asked.name ?? (asked.user ?? USER).name);
      // What is hidden cannot be read until it is known to be authentic, and in time.
      const isRead = (asked.flags ?? FLAG.priv) & FLAG.priv ? flags & FLAG.priv : true;
      assert.equal(reply.requestId, isRead ? 77 : 0);
      assert.equal(reply.varbinds[0]?.name, object);
      assert.equal(reply.varbinds[0] && numberOf(reply.varbinds[0]), 1n);
    });

  const USM_STATS = "1.3.6.1.6.3.15.1.1";
  const discovery = { engineId: new Uint8Array(0), name: "", flags: FLAG.reportable };
  report("discovery of the engine", "usmStatsUnknownEngineIDs", discovery, `${USM_STATS}.4.0`);
  report("another engine", "usmStatsUnknownEngineIDs", { engineId: newEngineId() }, `${USM_STATS}.4.0`);
  report("an empty user", "usmStatsUnknownUserNames", { name: "", flags: FLAG.reportable }, `${USM_STATS}.3.0`);
  const empty = { name: "", flags: FLAG.reportable, type: TAG.setRequest };
  report("an empty user who writes", "usmStatsUnknownUserNames", empty, `${USM_STATS}.3.0`);
  report("an unknown user", "usmStatsUnknownUserNames", { name: "nobody" }, `${USM_STATS}.3.0`);
  report("no proof", "usmStatsUnsupportedSecLevels", { user: PLAIN, flags: FLAG.reportable }, `${USM_STATS}.1.0`);
  report(
    "in the clear where the user hides",
    "usmStatsUnsupportedSecLevels",
    { flags: FLAG.reportable | FLAG.auth },
    `${USM_STATS}.1.0`,
  );
  report(
    "hidden where the user cannot",
    "usmStatsUnsupportedSecLevels",
    { user: PLAIN, flags: FLAG.reportable | FLAG.auth | FLAG.priv },
    `${USM_STATS}.1.0`,
  );
  report(
    "a wrong password",
    "usmStatsWrongDigests",
    { user: { ...USER, auth: { protocol: "SHA-256", password: "authentic?" } } },
    `${USM_STATS}.5.0`,
  );
  report(
    "a changed octet",
    "usmStatsWrongDigests",
    { spoil: (message) => message.set([(message.at(-1) ?? 0) ^ 1], message.length - 1) },
    `${USM_STATS}.5.0`,
  );
  report("too late", "usmStatsNotInTimeWindows", { time: OWN.time() - 151 }, `${USM_STATS}.2.0`, FLAG.auth);
  report("too early", "usmStatsNotInTimeWindows", { time: OWN.time() + 151 }, `${USM_STATS}.2.0`, FLAG.auth);
  report("from before a restart", "usmStatsNotInTimeWindows", { boots: OWN.boots - 1 }, `${USM_STATS}.2.0`, FLAG.auth);
  report(
    "another key",
    "usmStatsDecryptionErrors",
    { user: { ...USER, priv: { protocol: "AES-128", password: "not private" } } },
    `${USM_STATS}.6.0`,
  );
  report(
    "an unknown context",
    "snmpUnknownContexts",
    { contextName: "x" },
    "1.3.6.1.6.3.12.1.5.0",
    FLAG.auth | FLAG.priv,
  );
  report(
    "the context of another engine",
    "snmpUnknownPDUHandlers",
    { contextEngineId: newEngineId() },
    "1.3.6.1.6.3.11.2.1.3.0",
    FLAG.auth | FLAG.priv,
  );

  report(
    "an inform",
    "snmpUnknownPDUHandlers",
    { type: TAG.informRequest },
    "1.3.6.1.6.3.11.2.1.3.0",
    FLAG.auth | FLAG.priv,
  );

  for (const [name, asked, statistic] of [
    ["an empty user who wants no Report", { name: "", flags: 0 }, "usmStatsUnknownUserNames"],
    ["who wants no Report", { name: "nobody", flags: FLAG.auth }, "usmStatsUnknownUserNames"],
    ["another security model", { model: 2 }, "snmpUnknownSecurityModels"],
    ["hidden and not proven", { flags: FLAG.priv | FLAG.reportable }, "snmpInvalidMsgs"],
    ["who can take fewer than 484 octets", { maxSize: 483 }, "snmpInASNParseErrs"],
    ["a trap of nobody", { name: "", type: TAG.trap, flags: FLAG.reportable }, "usmStatsUnknownUserNames"],
    ["a response to another engine", { ...discovery, type: TAG.response }, "usmStatsUnknownEngineIDs"],
    ["a Report to another engine", { ...discovery, type: TAG.report }, "usmStatsUnknownEngineIDs"],
    ["a trap in an unknown context", { contextName: "x", type: TAG.trap }, "snmpUnknownContexts"],
    ["a response", { type: TAG.response }, "snmpUnknownPDUHandlers"],
  ] as const) {
    test(`${name}: no answer, counted as ${statistic}`, () => {
      const engine = engineWith();
      assert.equal(engine.receive(sealed(asked), "127.0.0.1"), undefined);
      assert.equal(engine.counters[statistic], 1n);
      assert.equal(engine.counters.responses, 0n);
    });
  }
});

describe("keys", () => {
  // RFC 3414 appendix A.3.2.
  const engineId = Buffer.from("000000000000000000000002", "hex");

  test("are those of RFC 3414", () =>
    assert.equal(
      localizedKey("sha1", Buffer.from("maplesyrup"), engineId).toString("hex"),
      "6695febc9288e36282235fc7151f128497b38f3f",
    ));

  test("come from passwords of eight octets at least", () => {
    const short = { ...PLAIN, auth: { protocol: "SHA-1" as const, password: "seven77" } };
    assert.throws(() => new LocalizedUser(short, engineId), /The password of SNMP user "plain" is too short/);
  });
});
