import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { BerReader, TAG } from "#src/exposition/snmp/ber.js";
import { Frame } from "#src/exposition/snmp/frame.js";
import {
  FLAG,
  readHeader,
  readScopedPdu,
  readSecurityParameters,
  wrapScopedPdu,
  wrapV3Message,
} from "#src/exposition/snmp/v3-message.js";
import type { Engine } from "#src/snmp/engine.js";
import { newIdentity, startIdentity } from "#src/snmp/engine-identity.js";
import { LocalizedUser, localizedKey, type UsmUser } from "#src/snmp/usm.js";
import { facts } from "../exposition/snmp/facts.ts";
import { numberOf, pduOf, readReplyPdu, textOf } from "../exposition/snmp/manager.ts";
import { anEngine } from "./an-engine.ts";

const USER: UsmUser = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "authentic" },
  priv: { protocol: "AES-128", password: "in private" },
};
const PLAIN: UsmUser = { name: "plain", auth: { protocol: "SHA-1", password: "authentic" } };
const { engine: OWN } = facts();

interface Asked {
  readonly user?: UsmUser;
  readonly name?: string;
  readonly engineId?: Uint8Array;
  readonly boots?: number;
  readonly time?: number;
  readonly flags?: number;
  readonly model?: number;
  readonly maxSize?: number;
  readonly contextEngineId?: Uint8Array;
  readonly contextName?: string;
  readonly type?: number;
  readonly names?: readonly string[];
  readonly second?: number;
  /** Changes the message once it is sealed. */
  readonly spoil?: (message: Uint8Array) => void;
}

/** A request as a manager makes it who knows the engine. */
function sealed(asked: Asked): Uint8Array {
  const { user = USER, boots = OWN.boots, time = OWN.time(), engineId = OWN.id } = asked;
  const flags = asked.flags ?? FLAG.reportable | FLAG.auth | (user.priv ? FLAG.priv : 0);
  const keys = new LocalizedUser(user, OWN.id);
  const frame = new Frame(65_536);
  pduOf(frame, { type: asked.type, names: asked.names ?? ["1.3.6.1.2.1.1.5.0"], requestId: 77, second: asked.second });
  wrapScopedPdu(frame, asked.contextEngineId ?? OWN.id, Buffer.from(asked.contextName ?? ""));
  let salt: Uint8Array = new Uint8Array(0);
  if (flags & FLAG.priv) {
    salt = Buffer.from("saltsalt");
    const data = keys.encrypt(frame.content(), boots, time, salt) ?? Buffer.from("secret");
    frame.clear();
    frame.append(data, 0, data.length);
    frame.wrap(TAG.octetString);
  }
  const digest = new Uint8Array(flags & FLAG.auth ? keys.digestLength : 0);
  const header = { id: 5, maxSize: asked.maxSize ?? 65_507, flags, securityModel: asked.model ?? 3 };
  const name = Buffer.from(asked.name ?? user.name);
  const at = wrapV3Message(frame, header, { engineId, boots, time, user: name, digest, salt });
  if (flags & FLAG.auth) frame.bytes.set(keys.digest(frame.content()), at);
  const message = frame.content().slice();
  asked.spoil?.(message);
  return message;
}

/** Reads a reply as that user; checks the proof that it carries. */
function opened(octets: Uint8Array, user: UsmUser = USER) {
  const keys = new LocalizedUser(user, OWN.id);
  const body = new BerReader(octets).enter(TAG.sequence);
  assert.equal(body.integer(), 3);
  const header = readHeader(body);
  const security = readSecurityParameters(body);
  if (header.flags & FLAG.auth) assert.ok(keys.proves(octets, security.digest), "the reply is authentic");
  let data = body;
  if (header.flags & FLAG.priv) {
    const clear = keys.decrypt(body.octets(), security.boots, security.time, security.salt);
    assert.ok(clear);
    data = new BerReader(clear);
  }
  const scoped = readScopedPdu(data);
  return { header, security, scoped, ...readReplyPdu(scoped.pdu) };
}

const engineWith = () => anEngine({ users: [USER, PLAIN], facts: facts() });

function ask(asked: Asked, engine: Engine = engineWith()) {
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
      assert.equal(reply.varbinds[0]?.name, object);
      assert.equal(reply.varbinds[0] && numberOf(reply.varbinds[0]), 1n);
    });

  const USM_STATS = "1.3.6.1.6.3.15.1.1";
  const discovery = { engineId: new Uint8Array(0), name: "", flags: FLAG.reportable };
  report("discovery of the engine", "usmStatsUnknownEngineIDs", discovery, `${USM_STATS}.4.0`);
  report("another engine", "usmStatsUnknownEngineIDs", { engineId: newIdentity().id }, `${USM_STATS}.4.0`);
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
    { contextEngineId: newIdentity().id },
    "1.3.6.1.6.3.11.2.1.3.0",
    FLAG.auth | FLAG.priv,
  );

  for (const [name, asked, statistic] of [
    ["an empty user", { name: "", flags: FLAG.reportable }, "usmStatsUnknownUserNames"],
    ["an empty user who writes", { name: "", flags: 4, type: TAG.setRequest }, "usmStatsUnknownUserNames"],
    ["who wants no Report", { name: "nobody", flags: FLAG.auth }, "usmStatsUnknownUserNames"],
    ["another security model", { model: 2 }, "snmpUnknownSecurityModels"],
    ["hidden and not proven", { flags: FLAG.priv | FLAG.reportable }, "snmpInvalidMsgs"],
    ["who can take fewer than 484 octets", { maxSize: 483 }, "snmpInASNParseErrs"],
    ["a response", { type: TAG.response }, "snmpUnknownPDUHandlers"],
  ] as const) {
    test(`${name}: no answer, counted as ${statistic}`, () => {
      const engine = engineWith();
      assert.equal(engine.receive(sealed(asked), "127.0.0.1"), undefined);
      assert.equal(engine.statistics[statistic], 1n);
      assert.equal(engine.statistics.responses, 0n);
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

describe("the identity of an engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-engine-"));
  const file = join(folder, "engine");
  test.after(() => rmSync(folder, { recursive: true }));
  const warnings: string[] = [];
  const start = () => startIdentity(file, (message) => warnings.push(message));

  test("is kept, and each start is counted before it is used", () => {
    const first = start();
    assert.equal(first.boots, 1);
    const second = start();
    assert.deepEqual(Buffer.from(second.id), Buffer.from(first.id));
    assert.equal(second.boots, 2);
    assert.match(readFileSync(file, "utf8"), /\nengineBoots 2\n$/);
  });

  test("that is damaged is set aside, and a new one begins", () => {
    const { id } = start();
    writeFileSync(file, "engineID 80");
    const fresh = start();
    assert.notDeepEqual(Buffer.from(fresh.id), Buffer.from(id));
    assert.equal(fresh.boots, 1);
    assert.equal(readFileSync(`${file}.damaged`, "utf8"), "engineID 80");
    assert.match(warnings.join(), /set aside as/);
  });

  test("that started too often is replaced", () => {
    writeFileSync(file, "engineID 80001f880501020304\nengineBoots 2147483646\n");
    const fresh = start();
    assert.equal(fresh.boots, 1);
    assert.notEqual(Buffer.from(fresh.id).toString("hex"), "80001f880501020304");
  });
});
