/** A message of SNMP version 3 as somebody reads it who has the keys of all users, and shares no code with the program. */

import { createDecipheriv, createHash, createHmac } from "node:crypto";
import type { UsmUser } from "#src/snmp/usm.js";
import {
  elementAt,
  elements,
  integer,
  isShortInteger,
  leading,
  Malformed,
  type Pdu,
  pdu,
  TAG,
  type Tlv,
} from "./snmp-octets.ts";

export interface Proof {
  readonly hash: string;
  readonly length: number;
  readonly authKey: Buffer;
  readonly privKey: Buffer;
  /** Whether the user's messages are encrypted. */
  readonly hides: boolean;
}

/** The keys of a user at an engine: RFC 3414 A.2 and RFC 7860, written again. */
export function proofOf(user: UsmUser, engineId: Uint8Array): Proof {
  const hash = user.auth.protocol === "SHA-256" ? "sha256" : "sha1";
  const key = (password: string): Buffer => {
    const digest = createHash(hash);
    const text = Buffer.from(password.repeat(Math.ceil(4096 / password.length)));
    for (let left = 1 << 20, at = 0; left > 0; ) {
      const piece = Math.min(left, 1024);
      digest.update(text.subarray(at % password.length, (at % password.length) + piece));
      at += piece;
      left -= piece;
    }
    const long = digest.digest();
    return createHash(hash).update(long).update(engineId).update(long).digest();
  };
  return {
    hash,
    length: hash === "sha256" ? 24 : 12,
    authKey: key(user.auth.password),
    privKey: key((user.priv ?? user.auth).password).subarray(0, 16),
    hides: user.priv !== undefined,
  };
}

export interface Opened {
  readonly messageId: bigint;
  /** Octets that the sender takes. */
  readonly maxSize: bigint;
  /** Of msgFlags: whether it claims to be signed, to be encrypted, and asks for a Report. */
  readonly signed: boolean;
  readonly encrypted: boolean;
  readonly reportable: boolean;
  readonly model: bigint;
  readonly engineId: Buffer;
  readonly boots: bigint;
  readonly time: bigint;
  readonly user: string;
  /** Of the user that it names; undefined: there is none of that name. */
  readonly proof: Proof | undefined;
  /** Undefined: nobody claims to have written it. */
  readonly proven: boolean | undefined;
  readonly contextEngineId: Buffer | undefined;
  readonly contextName: Buffer | undefined;
  /** Undefined: it cannot be read. */
  readonly pdu: Pdu | undefined;
  /** Whether all of it is in the shortest form, nothing is missing and nothing left over. */
  readonly canonical: boolean;
}

/** @throws Malformed */
export function openedBy(octets: Buffer, proofs: ReadonlyMap<string, Proof>): Opened {
  // Octets behind the message are none of it.
  const { content, octets: message } = elementAt(octets, 0);
  const [version, header, security] = leading(content, 3);
  if (!version || !header || !security) throw new Malformed("no message of version 3");
  const [id, size, flags, model] = leading(header.content, 4);
  const parameters = elementAt(security.content, 0);
  const [engine, boots, time, user, digest, salt] = leading(parameters.content, 6);
  if (!id || !size || !flags || !model || !engine || !boots || !time || !user || !digest || !salt) {
    throw new Malformed("no header");
  }
  const bits = flags.content[0] ?? 0;
  const proof = proofs.get(user.content.toString("latin1"));
  const outside = {
    messageId: integer(id),
    maxSize: integer(size),
    signed: (bits & 1) !== 0,
    encrypted: (bits & 2) !== 0,
    reportable: (bits & 4) !== 0,
    model: integer(model),
    engineId: engine.content,
    boots: integer(boots),
    time: integer(time),
    user: user.content.toString("latin1"),
    proof,
    proven: (bits & 1) === 0 ? undefined : isProven(message, digest, proof),
  };
  const { sequence, integer: number, octetString: text } = TAG;
  const isShort =
    isWhole(octets, [elementAt(octets, 0)], [sequence]) &&
    isWhole(header.content, [id, size, flags, model], [number, number, text, number]) &&
    isWhole(security.content, [parameters], [sequence]) &&
    isWhole(parameters.content, [engine, boots, time, user, digest, salt], [text, number, number, text, text, text]) &&
    [version, id, size, model, boots, time].every(isShortInteger) &&
    flags.content.length === 1;
  try {
    const around = version.octets.length + header.octets.length + security.octets.length;
    const data = elementAt(content, around);
    const clear = outside.encrypted ? deciphered(data.content, proof, boots, time, salt) : content.subarray(around);
    const scoped = elementAt(clear, 0);
    if (scoped.tag !== sequence) throw new Malformed("no scoped PDU");
    const parts = elements(scoped.content);
    const [contextEngine, context, inner] = parts;
    const read = inner && pdu(inner);
    const canonical =
      isShort &&
      isWhole(
        content,
        [version, header, security, data],
        [number, sequence, text, outside.encrypted ? text : sequence],
      ) &&
      isWhole(clear, [scoped], [sequence]) &&
      isWhole(scoped.content, parts, [text, text, inner?.tag ?? 0]) &&
      read?.canonical === true;
    const inside = { contextEngineId: contextEngine?.content, contextName: context?.content };
    return { ...outside, ...inside, pdu: read, canonical };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ...outside, contextEngineId: undefined, contextName: undefined, pdu: undefined, canonical: false };
  }
}

/** Whether these elements, of these tags and in the shortest form, are all that the container holds. */
function isWhole(container: Buffer, parts: readonly Tlv[], tags: readonly number[]): boolean {
  let length = 0;
  for (const [index, { tag, octets, shortest }] of parts.entries()) {
    if (!shortest || tag !== tags[index]) return false;
    length += octets.length;
  }
  return length === container.length && parts.length === tags.length;
}

function isProven(message: Buffer, digest: Tlv, proof: Proof | undefined): boolean {
  if (proof === undefined) return false;
  const blanked = Buffer.from(message);
  const at = digest.content.byteOffset - message.byteOffset;
  blanked.fill(0, at, at + digest.content.length);
  const due = createHmac(proof.hash, proof.authKey).update(blanked).digest().subarray(0, proof.length);
  return due.equals(digest.content);
}

/** RFC 3826. @throws Malformed when there is no key, or no salt of eight octets */
function deciphered(data: Buffer, proof: Proof | undefined, boots: Tlv, time: Tlv, salt: Tlv): Buffer {
  if (proof === undefined || salt.content.length !== 8) throw new Malformed("nobody can decrypt it");
  const vector = Buffer.alloc(16);
  vector.writeUInt32BE(Number(BigInt.asUintN(32, integer(boots))), 0);
  vector.writeUInt32BE(Number(BigInt.asUintN(32, integer(time))), 4);
  salt.content.copy(vector, 8);
  return createDecipheriv("aes-128-cfb", proof.privKey, vector).update(data);
}
