/** Makes a message of version 3 of a PDU: encrypted and proven as far as its user is (RFC 3414 section 3.1). */

import { TAG } from "../exposition/snmp/protocol/ber-reader.ts";
import type { BerWriter } from "../exposition/snmp/protocol/ber-writer.ts";
import { FLAG, USM, wrapScopedPdu, wrapV3Message } from "../exposition/snmp/protocol/v3-message.ts";
import type { LocalizedUser, Salts } from "./usm.ts";

export interface Envelope {
  /** msgID. */
  readonly id: number;
  /** Octets that we can take. */
  readonly maxSize: number;
  /** Whether the receiver may answer with a Report. */
  readonly reportable: boolean;
  /** The engine by whose clock and with whose keys the message is made. */
  readonly engine: { readonly id: Uint8Array; readonly boots: number; readonly time: number };
  /** msgUserName. */
  readonly userName: Uint8Array;
  /** Undefined: nobody, so neither proven nor hidden. */
  readonly user: LocalizedUser | undefined;
  readonly hidden: boolean;
  readonly contextEngineId: Uint8Array;
  readonly contextName: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** The message, in the writer that held the PDU; shared, good until the writer's next change. */
export function seal(ber: BerWriter, envelope: Envelope, salts: Salts): Uint8Array {
  const { id, maxSize, reportable, user, hidden } = envelope;
  const { id: engineId, boots, time } = envelope.engine;
  wrapScopedPdu(ber, envelope.contextEngineId, envelope.contextName);
  let salt: Uint8Array = EMPTY;
  if (user && hidden) {
    salt = salts.take();
    const data = user.encrypt(ber.content(), boots, time, salt) ?? EMPTY;
    ber.clear();
    ber.append(data, 0, data.length);
    ber.wrap(TAG.octetString);
  }
  const flags = (user ? FLAG.auth : 0) | (hidden ? FLAG.priv : 0) | (reportable ? FLAG.reportable : 0);
  const digest = new Uint8Array(user?.digestLength ?? 0);
  const at = wrapV3Message(
    ber,
    { id, maxSize, flags, securityModel: USM },
    { engineId, boots, time, user: envelope.userName, digest, salt },
  );
  // The digest is made over the message with zeros in its place.
  if (user) ber.bytes.set(user.digest(ber.content()), at);
  return ber.content();
}
