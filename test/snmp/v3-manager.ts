/** A manager of version 3 for tests, who knows the engine's secrets. */

import assert from "node:assert/strict";
import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import type { Oid } from "#src/exposition/snmp/protocol/oid.js";
import {
  FLAG,
  readHeader,
  readScopedPdu,
  readSecurityParameters,
  wrapScopedPdu,
  wrapV3Message,
} from "#src/exposition/snmp/protocol/v3-message.js";
import { LocalizedUser, type UsmUser } from "#src/snmp/usm.js";
import { facts } from "../exposition/snmp/facts.ts";
import { pduOf, readReplyPdu } from "../exposition/snmp/manager.ts";

export const USER: UsmUser = {
  name: "nms",
  auth: { protocol: "SHA-256", password: "authentic" },
  priv: { protocol: "AES-128", password: "in private" },
};
export const PLAIN: UsmUser = { name: "plain", auth: { protocol: "SHA-1", password: "authentic" } };
export const { engine: OWN } = facts();

export interface Asked {
  readonly user?: UsmUser;
  /** Of the user at another engine than OWN. */
  readonly keys?: LocalizedUser;
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
  readonly names?: readonly (string | Oid)[];
  readonly second?: number;
  /** Changes the message once it is sealed. */
  readonly spoil?: (message: Uint8Array) => void;
  /** What the scoped PDU is to be before it is sealed. */
  readonly spoilPdu?: (scoped: Uint8Array) => Uint8Array;
}

/** Of all requests: to make one anew for each costs more than the request. */
const WRITER = new BerWriter(65_536);

/** A request as a manager makes it who knows the engine. */
export function sealed(asked: Asked): Uint8Array {
  const { user = USER, boots = OWN.boots, time = OWN.time(), engineId = OWN.id } = asked;
  const flags = asked.flags ?? FLAG.reportable | FLAG.auth | (user.priv ? FLAG.priv : 0);
  const keys = asked.keys ?? new LocalizedUser(user, OWN.id);
  WRITER.clear();
  const ber = WRITER;
  pduOf(ber, { type: asked.type, names: asked.names ?? ["1.3.6.1.2.1.1.5.0"], requestId: 77, second: asked.second });
  wrapScopedPdu(ber, asked.contextEngineId ?? engineId, Buffer.from(asked.contextName ?? ""));
  if (asked.spoilPdu) {
    const spoiled = asked.spoilPdu(ber.content().slice());
    ber.clear();
    ber.append(spoiled, 0, spoiled.length);
  }
  let salt: Uint8Array = new Uint8Array(0);
  if (flags & FLAG.priv) {
    salt = Buffer.from("saltsalt");
    const data = keys.encrypt(ber.content(), boots, time, salt) ?? Buffer.from("secret");
    ber.clear();
    ber.append(data, 0, data.length);
    ber.wrap(TAG.octetString);
  }
  const digest = new Uint8Array(flags & FLAG.auth ? keys.digestLength : 0);
  const header = { id: 5, maxSize: asked.maxSize ?? 65_507, flags, securityModel: asked.model ?? 3 };
  const name = Buffer.from(asked.name ?? user.name);
  const at = wrapV3Message(ber, header, { engineId, boots, time, user: name, digest, salt });
  if (flags & FLAG.auth) ber.bytes.set(keys.digest(ber.content()), at);
  const message = ber.content().slice();
  asked.spoil?.(message);
  return message;
}

/** Reads a reply as that user; checks the proof that it carries. */
export function opened(octets: Uint8Array, user: UsmUser = USER) {
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
